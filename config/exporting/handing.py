"""Write everything a city owns into a folder: its cases as packs, its other files, its tables, and pages to browse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import actors, tenancy
from accounts.models import Organization
from audit import publishing
from audit.models import Anchor, Event
from config.exporting import pages, placing, tables
from config.exporting.folder import Folder, Unit
from contracts.dates import fiscal_year, jst
from contracts.models import Case, Document, ForeignContract, Revision
from contracts.packs import papers
from contracts.packs.gathering import Gathered, gather
from contracts.packs.pages import Checked, Line
from contracts.packs.papers import Paper
from contracts.packs.writing import VERIFIER, files_of, line_of
from contracts.services import evidence
from contracts.states import VersionState
from contracts.streams import sheets
from contracts.streams.names import file_name
from contracts.streams.zips import File
from guarantees.models import Attachment, Guarantee
from guarantees.models.arriving import BEARS_KEY, PRIVATE
from guarantees.services import revealing
from signing.trust import Trust
from vault.models import StoredFile

THREAD = "city"
UNDER_WAY, FILES = "手続き中の文書", "ファイル"
KEYS_HEADING = ("保証の番号（id）", "工事番号", "保証機関", "保証契約番号", "認証キー", "閲覧の住所")


@dataclass
class Export:
    """One export of one city."""

    city: Organization
    folder: Folder
    trust: Trust
    at: datetime
    with_keys: bool = False
    reason: str = ""
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.actor = actors.system(self.city.pk)

    def run(self) -> str:
        """Write what is not there yet, and return the SHA-256 of the manifest; may be called again after a stop."""
        self._note("city.export_begun", with_keys=self.with_keys, reason=self.reason)
        for thread in self._threads():
            self._case(thread)
        for document in self._under_way():
            self._document(document)
        for byte in range(256):
            self._files(f"{byte:02x}")
        self._tables()
        self._front()
        self.damaged = [(path, why) for unit in self.folder.units() for path, why in unit.missing]
        made_at, count = self.at.isoformat(), len(self.damaged)
        manifest = self.folder.close(
            city=self.city.name, made_at=made_at, with_keys=self.with_keys, missing=count, units=self.folder.count
        )
        self._note("city.exported", with_keys=self.with_keys, manifest_sha256=manifest, missing=count)
        return manifest

    def _note(self, action: str, **data: Any) -> None:
        with tenancy.acting_for(self.city.pk):
            subject = f"organization:{self.city.pk}"
            evidence.record_in(THREAD, action, subject=subject, actor=self.actor, at=self.at, **data)

    def _threads(self) -> list[str]:
        with tenancy.acting_for(self.city.pk):
            cases = Case.objects.visible_to(self.actor).order_by("pk").values_list("pk", flat=True)
            foreign = ForeignContract.objects.visible_to(self.actor).order_by("pk").values_list("pk", flat=True)
            return [*(f"case:{pk}" for pk in cases), *(f"foreign:{pk}" for pk in foreign)]

    def _case(self, thread: str) -> None:
        with tenancy.acting_for(self.city.pk):
            events = Event.objects.of_thread(self.city.pk, thread).exclude(action="pack.taken")
            mark = events.values_list("seq", flat=True).first() or 0
        if self.folder.has(thread, mark=mark):
            return
        gathered = gather(thread, actor=self.actor, at=self.at)
        if gathered is None:
            return
        number = gathered.case["number"] or gathered.case["title"]
        name = f"{pages.CASES}/{file_name(thread.replace(':', '-'), number)}"
        checked: list[Checked] = []
        unit = Unit(thread, mark)
        files = files_of(name, gathered, checked, actor=self.actor, at=self.at, trust=self.trust)
        self.folder.write(unit, _then(files, unit, name, gathered, checked), folder=name, events=gathered.events)

    def _under_way(self) -> list[Document]:
        with tenancy.acting_for(self.city.pk):
            rows = Document.unscoped.filter(tenant_id=self.city.pk, removed_at__isnull=True)
            return list(rows.exclude(version__state=VersionState.CONCLUDED).order_by("pk"))

    def _document(self, document: Document) -> None:
        with tenancy.acting_for(self.city.pk):
            last = Revision.unscoped.filter(document=document).order_by("-number").first()
        if last is None:
            return
        path = f"{UNDER_WAY}/{file_name(str(document.pk), document.title)}.pdf"
        self._papers(f"document:{document.pk}", [papers.of_document(document, path=path, sha256=last.sha256)])

    def _files(self, byte: str) -> None:
        with tenancy.acting_for(self.city.pk):
            tails = Exists(Revision.unscoped.filter(tail=OuterRef("pk")))
            rows = StoredFile.objects.filter(tenant_id=self.city.pk, sha256__startswith=byte, destroyed_at=None)
            kept = list(rows.exclude(tails).exclude(self._is_kept_back()).order_by("sha256"))
        found = [papers.of_file(each, path=f"{FILES}/{byte}/{each.sha256}", title="保管したファイル") for each in kept]
        if found:
            self._papers(f"{FILES}/{byte}", found, mark=len(found))

    def _is_kept_back(self) -> Exists:
        """Say of a file that it is a contractor's own paper, or one that the key is written on and is not asked for."""
        here = Q(slot__in=PRIVATE, shared=False)
        held = here if self.with_keys else here | Q(slot__in=BEARS_KEY)
        return Exists(Attachment.unscoped.filter(held, file=OuterRef("pk")))

    def _papers(self, name: str, found: list[Paper], *, mark: int = 0) -> None:
        if not self.folder.has(name, mark=mark):
            unit = Unit(name, mark)
            self.folder.write(unit, self._fetched(found, unit))

    def _fetched(self, found: Iterable[Paper], unit: Unit) -> Iterator[File]:
        for paper in found:
            content = papers.fetch(paper, tenant_id=self.city.pk)
            if isinstance(content, str):
                unit.missing.append((paper.path, content))
            else:
                yield paper.path, papers.pieces(content)

    def _tables(self) -> None:
        """Write every table anew, all of one moment: rows change while the files are written."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
            tenancy.set_tenant(self.city.pk)
            for model in placing.exported():
                files = [
                    (tables.path_of(model, "csv"), tables.as_csv(model, tenant_id=self.city.pk)),
                    (tables.path_of(model, "json"), tables.as_json(model, tenant_id=self.city.pk)),
                ]
                self.folder.write(Unit(f"table:{model._meta.label}"), files)
            anchors = [("操作記録/錨.json", [publishing.listed(Anchor.objects.order_by("number")).encode()])]
            self.folder.write(Unit("anchors"), anchors)
            if self.with_keys:
                self.folder.write(Unit("keys"), [("認証キー.csv", sheets.utf8(KEYS_HEADING, self._keys()))])

    def _keys(self) -> Iterator[tuple[Any, ...]]:
        rows = Guarantee.unscoped.filter(tenant_id=self.city.pk, sealed_key__isnull=False).order_by("pk")
        for row in rows.select_related("case", "institution"):
            known = revealing.credential_of(row)
            institution = row.institution.name if row.institution else ""
            yield row.pk, row.case.number, institution, row.number, known.key, known.url

    def _front(self) -> None:
        told = pages.Told(self.city, self.at, self.with_keys, self.folder)
        files: list[File] = [("verify.py", [VERIFIER.read_bytes()]), *pages.files(told)]
        self.folder.write(Unit("front"), files)


def _then(files: Iterable[File], unit: Unit, name: str, gathered: Gathered, checked: list[Checked]) -> Iterator[File]:
    """Pass the files of a case on, and sum it up when the last has left."""
    yield from files
    unit.line = _told(line_of(name, gathered, checked))
    unit.missing = [(f"{name}/{each.paper.path}", each.missing) for each in checked if each.missing]


def _told(line: Line) -> dict[str, Any]:
    fixed = line.fixed_at
    day = timezone.localdate(fixed) if isinstance(fixed, datetime) else fixed or line.case.get("awarded_date")
    return {
        "folder": line.folder,
        "year": fiscal_year(day) if day else 0,
        "number": line.case["number"],
        "title": line.case["title"],
        "contractor": line.case["contractor"],
        "department": line.case["department"],
        "kind": line.case["kind"],
        "amount": line.amount,
        "fixed": jst(fixed) if isinstance(fixed, datetime) else str(fixed or ""),
        "state": line.case["state"],
        "verdict": line.worst.words if line.worst else "電子署名なし",
        "tone": line.worst.tone if line.worst else "plain",
    }


def begin(
    city: Organization, root: Path, *, trust: Trust, at: datetime, with_keys: bool = False, reason: str = ""
) -> Export:
    """Prepare an export, or go on with one that was stopped; raises ExportRefused for a folder of something else."""
    header = {"format": "musubi-export-progress-1", "city": city.slug, "with_keys": with_keys}
    return Export(city, Folder(root, header=header), trust, at, with_keys, reason)
