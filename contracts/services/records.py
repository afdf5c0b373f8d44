"""Hand a firm what it keeps of its electronic contracts with a city (電子帳簿保存法7条): files, index, papers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from mmap import mmap

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Organization
from contracts import permissions
from contracts.dates import JST
from contracts.models import (
    AccessLink,
    ContractVersion,
    DisposalRecord,
    Document,
    DocumentKind,
    Inbox,
    Purpose,
    SigningStep,
)
from contracts.reading import mapped
from contracts.records import papers
from contracts.records.naming import Names, stem
from contracts.records.papers import Keeper
from contracts.services import evidence
from contracts.states import VersionState
from contracts.streams import sheets
from contracts.streams.cells import Cell
from contracts.streams.names import file_name
from contracts.streams.zips import PIECE, File, zipped

FOLDER = "文書"
HEADING = ("取引年月日", "取引先", "取引金額", "件名", "契約番号", "ファイル名", "SHA-256")
DAY = Coalesce("version__contract__in_force_date", TruncDate("version__fixed_at", tzinfo=JST))
FIRM = ("contractor", "version__contract__case__contractor")
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class _Handed:
    """One file of a contract: its name, its line in the index, and its bytes on disk."""

    name: str
    row: Row
    content: mmap


def of_address(inbox: Inbox, *, first: date | None = None, last: date | None = None) -> list[SigningStep]:
    """Find the concluded steps whose documents go to an address, contracted from `first` to `last` (JST, inclusive).

    Whoever reads the mails of the address could have each of them handed out again (R70). What was disposed of when its
    time was over is no longer there.
    """
    links = AccessLink.unscoped.filter(tenant_id=inbox.tenant_id, mailbox=inbox.mailbox, purpose=Purpose.DOWNLOAD)
    own = Q(handed_email__iexact=inbox.email) | Q(handed_email="", email__iexact=inbox.email)
    disposed = DisposalRecord.unscoped.filter(custody__case=OuterRef("version__contract__case"))
    rows = SigningStep.unscoped.filter(
        own, ~Exists(disposed), pk__in=links.values("step"), version__state=VersionState.CONCLUDED
    )
    span = {"day__gte": first, "day__lte": last}
    dated = rows.annotate(day=DAY).filter(**{name: day for name, day in span.items() if day is not None})
    # 共同企業体の構成員が同じ宛先を使っていても、契約は一つ
    steps = dated.select_related(*FIRM).order_by("version", "pk").distinct("version")
    return sorted(steps, key=lambda step: (step.day, step.pk))


def keeper_of(step: SigningStep, *, city: Organization) -> Keeper:
    """Name the firm that a step signs for, as the keeper of its contracts with the city."""
    return Keeper(firm=(step.contractor or step.version.case.contractor).name, city=city)


@dataclass(frozen=True)
class Share:
    """What a firm takes of its contracts with one city: the steps by which it signed them, and who takes it."""

    steps: Sequence[int]
    keeper: Keeper
    actor: Actor


def take(shares: Sequence[Share], *, at: datetime) -> Iterator[bytes]:
    """Write the archive of contracts with one city or several, piece by piece, and note of each who took it (R71).

    Each contract is read and noted in a short transaction of its own, when its turn comes. Raises PermissionDenied
    for a step whose documents are not for the actor. One index lists the contracts with all cities.
    """
    return zipped(_files(shares, at=at), at=at)


def _files(shares: Sequence[Share], *, at: datetime) -> Iterator[File]:
    names, rows = Names(), list[Row]()
    for share in shares:
        readme = papers.readme(share.keeper, at=at, count=len(share.steps))
        yield f"{_folder(share, shares)}はじめにお読みください.txt", [readme]
        for step in share.steps:
            for handed in _handed(step, names, actor=share.actor, at=at):
                rows.append(handed.row)
                yield handed.name, _pieces(handed.content)
    yield "index.csv", sheets.utf8(HEADING, rows)
    for share in shares:
        yield f"{_folder(share, shares)}システム概要書.pdf", [papers.overview(share.keeper, at=at)]
    yield "事務処理規程（見本）.docx", [papers.procedures(shares[-1].keeper, at=at)]


def _folder(share: Share, shares: Sequence[Share]) -> str:
    """Name the folder of a city's own papers: none where there is only one city."""
    city = share.keeper.city
    return f"{file_name(city.name, city.slug)}/" if shares[1:] else ""


def _handed(step_id: int, names: Names, *, actor: Actor, at: datetime) -> list[_Handed]:
    with tenancy.acting_for(actor.tenant_id):
        rows = SigningStep.unscoped.select_related("version__contract__case__tenant").annotate(day=DAY)
        step = rows.get(pk=step_id)
        if not permissions.can_take_records(actor, step):
            raise PermissionDenied("この契約の文書を受け取ることはできません。")
        documents = Document.unscoped.filter(version=step.version, removed_at__isnull=True).order_by("order")
        found = [_file(document, step.version, names, day=step.day) for document in documents]
        _note(step, found, actor=actor, at=at)
        return found


def _file(document: Document, version: ContractVersion, names: Names, *, day: date) -> _Handed:
    case, contract = version.case, version.contract
    detail = "" if document.kind == DocumentKind.CONTRACT else document.title
    wanted = stem(day=day, party=case.tenant.name, amount=version.amount, detail=detail)
    name = f"{FOLDER}/{names.give(wanted)}"
    title = case.title if contract.is_original else f"{case.title}（{contract.label}）"
    sha256 = document.revisions.latest("number").sha256
    row = (day, case.tenant.name, version.amount, title, case.number, name, sha256)
    return _Handed(name, row, mapped(document))


def _note(step: SigningStep, found: list[_Handed], *, actor: Actor, at: datetime) -> None:
    SigningStep.unscoped.filter(pk=step.pk, downloaded_at__isnull=True).update(downloaded_at=at)
    digests = [str(handed.row[-1]) for handed in found]
    evidence.record(
        "records.taken", step.version.case, subject=f"step:{step.pk}", actor=actor, at=at, sha256="、".join(digests)
    )


def _pieces(content: mmap) -> Iterator[bytes]:
    with content:
        while piece := content.read(PIECE):
            yield piece
