"""Contracts concluded elsewhere: each PDF is opened and verified on the way in, and filed beside our own."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organization
from contracts.archive import entries
from contracts.archive.entries import Filing, Outside
from contracts.archive.texts import queueing
from contracts.archive.texts.queueing import Paper
from contracts.dates import wareki, yen
from contracts.elsewhere import index, packages
from contracts.elsewhere.index import Index
from contracts.elsewhere.packages import PackageRefused, Papers
from contracts.models import Archived, ForeignContract, ImportJob, RuleSet
from contracts.services import evidence
from contracts.services.cases import registering
from contracts.services.keeping import terms
from contracts.services.register.import_rows import Outcome, Planned, refused
from contracts.tables import Column, Row
from signing import setup, texts
from signing.results import Report, Verdict
from signing.trust import Trust
from signing.verification import verify
from vault import files

FILE = "ファイル名"
UNSIGNED = "電子署名なし"


class AlreadyIn(ValueError):
    """A contract of the same bytes was taken in before; the text says which."""


@dataclass(frozen=True)
class Bundle:
    """An open package, or a folder, with its index read: what a plan is made of."""

    package: Papers
    index: Index

    @property
    def encoding(self) -> str:
        return self.index.encoding


@dataclass(frozen=True)
class Taken:
    """A contract of the package: what a row says of it, and what was found when its file was looked at."""

    package: Papers
    sha256: str
    look: dict[str, Any]
    kind_label: str
    values: dict[str, Any]


def columns_of(actor: Actor, *, at: datetime) -> tuple[Column, ...]:
    """List the columns of the index, the kinds as the city's rules call them today."""
    return index.columns(kinds_of(actor, at=at))


def kinds_of(actor: Actor, *, at: datetime) -> dict[str, str]:
    """Name the kinds of case by the city's rules of a day ({key: name})."""
    rule_set: RuleSet = registering.rules_in_force(tenant_id=actor.tenant_id, at=at)
    return dict(rule_set.data["kinds"])


@contextmanager
def opened(source: bytes | BinaryIO, *, actor: Actor, at: datetime) -> Iterator[Bundle]:
    """Open a package and read its index; raises PackageRefused and TableRefused."""
    with packages.opened(source) as package:
        kinds, today = kinds_of(actor, at=at), timezone.localdate(at)
        yield Bundle(package, index.read(package.index, kinds=kinds, files=package.names, on=today))


def plan(
    bundle: Bundle,
    *,
    actor: Actor,
    at: datetime,
    locked: bool,  # noqa: ARG001
    looks: Mapping[str, dict[str, Any]],
) -> tuple[list[Planned], list[str]]:
    """Open and verify each PDF that a row names, and say what would be filed; nothing is written.

    `looks` are those of the dry run, by the SHA-256 of what was looked at: the same bytes are not verified twice.
    """
    desk = Desk(bundle, actor=actor, at=at, looks=looks)
    return [desk.planned(row, at=at) for row in bundle.index.rows], remarks_of(bundle)


def remarks_of(bundle: Bundle) -> list[str]:
    """Say what lies beside the index and is left out."""
    return (
        [f"索引に無いファイルは取り込みません: {'、'.join(bundle.index.unlisted)}。"] if bundle.index.unlisted else []
    )


class Desk:
    """What every row is read against: the kinds, the size a file may have, and the contracts there are.

    `resumes` passes over what was taken in before, instead of refusing it.
    """

    def __init__(
        self, bundle: Bundle, *, actor: Actor, at: datetime, looks: Mapping[str, dict[str, Any]], resumes: bool = False
    ) -> None:
        self.package, self.looks, self.resumes = bundle.package, looks, resumes
        self.kinds = kinds_of(actor, at=at)
        self.most = Organization.objects.get(pk=actor.tenant_id).max_file_bytes
        known = ForeignContract.unscoped.filter(tenant_id=actor.tenant_id)
        self.known: dict[str, str] = {sha256: str(title) for sha256, title in known.values_list("sha256", "title")}
        self.seen: dict[str, int] = {}
        self.trust = setup.trust()

    def planned(self, row: Row, *, at: datetime) -> Planned:
        """Open and verify the file of a row, and say what would be filed; nothing is written."""
        title = " ".join(str(row.values[name]) for name in ("number", "title") if row.values.get(name))
        if row.problems:
            return refused(row, title)
        try:
            made = self._taken(row, at=at)
        except ValueError as wrong:
            if self.resumes and isinstance(wrong, AlreadyIn):
                return Planned(row.line, title, Outcome.SAME, notes=[str(wrong)])
            return refused(row, title, [FILE, str(wrong)])
        told = [wareki(row.values["concluded_date"]), row.values["party"], yen(row.values["amount"])]
        return Planned(row.line, title, Outcome.NEW, notes=["　".join(told), made.look["told"]], made=made)

    def _taken(self, row: Row, *, at: datetime) -> Taken:
        """Look at the file of a row; raises ValueError with what is wrong with it."""
        content = self.package.read(row.values["file"])
        if len(content) > self.most:
            raise ValueError(f"大きすぎます。{self.most // packages.MEBIBYTE}MB以下にしてください。")
        digest = hashlib.sha256(content).hexdigest()
        if (line := self.seen.setdefault(digest, row.line)) != row.line:
            raise ValueError(f"{line}行目のファイルと、内容が同じです。")
        if digest in self.known:
            raise AlreadyIn(f"同じ内容のファイルが、すでに取り込まれています（{self.known[digest]}）。")
        look = self.looks.get(digest) or _look(content, trust=self.trust, at=at)
        return Taken(self.package, digest, look, self.kinds[row.values["kind"]], row.values)


def _look(content: bytes, *, trust: Trust, at: datetime) -> dict[str, Any]:
    """Open a PDF in a child, verify it, and tell in plain values what was found; raises ValueError."""
    try:
        opened = texts.read([content])
    except texts.Unreadable as unreadable:
        raise ValueError(str(unreadable)) from unreadable
    report = verify(content, trust=trust, at=at)
    return {"pages": opened.count, "told": verdict_of(report), "report": report.to_dict()}


def verdict_of(report: Report) -> str:
    """Say in one line what the verification found: whose signatures, when timestamped, or that there are none."""
    if report.verdict is Verdict.UNSIGNED:
        return UNSIGNED
    signers = dict.fromkeys(each.signer or "署名者不明" for each in report.signatures)
    stamped = [each.timestamp_at for each in report.signatures if each.timestamp_at]
    stamped += [each.at for each in report.timestamps if each.at]
    parts = [f"署名の検証: {report.verdict.label}", f"署名者 {'、'.join(signers)}" if signers else ""]
    parts.append(f"タイムスタンプ {wareki(max(stamped))}" if stamped else "タイムスタンプなし")
    return "。".join(part for part in parts if part) + "。"


def looks_of(rows: Sequence[Planned]) -> dict[str, dict[str, Any]]:
    """Tell what was found in each file of a plan, by its SHA-256, for the report."""
    return {row.made.sha256: row.made.look for row in rows if row.made is not None}


def take_in(rows: Sequence[Planned], *, job: ImportJob, actor: Actor, at: datetime) -> None:
    """Keep each contract as it came, with its verdict; file it, have it read, and count its term."""
    for row in rows:
        if row.outcome is Outcome.NEW:
            _keep(row.made, job=job, actor=actor, at=at)


def _keep(taken: Taken, *, job: ImportJob, actor: Actor, at: datetime) -> None:
    values, content = taken.values, taken.package.read(taken.values["file"])
    if hashlib.sha256(content).hexdigest() != taken.sha256:
        raise PackageRefused("確かめた後に、ファイルの中身が変わりました。もう一度取り込んでください。")
    foreign: ForeignContract = ForeignContract.unscoped.create(
        tenant_id=actor.tenant_id,
        job=job,
        file=files.store(tenant_id=actor.tenant_id, content=content),
        name=values["file"],
        sha256=taken.sha256,
        size=len(content),
        pages=taken.look["pages"],
        concluded_date=values["concluded_date"],
        party=values["party"],
        amount=values["amount"],
        title=values["title"],
        kind=values["kind"],
        kind_label=taken.kind_label,
        number=values.get("number", ""),
        verdict=taken.look["report"]["verdict"],
        report=taken.look,
        taken_in_by_id=actor.user_id,
        taken_in_at=at,
    )
    _file(foreign)
    evidence.record_in(
        foreign.subject,
        "foreign.taken_in",
        subject=foreign.subject,
        actor=actor,
        at=at,
        title=foreign.title,
        sha256=foreign.sha256,
        verdict=foreign.verdict,
    )
    paper = Paper(title=foreign.name, file=foreign.file)
    queueing.read_later(foreign.subject, [paper], tenant_id=foreign.tenant_id, at=at)
    completed = values.get("completed_date") or None
    terms.begin(foreign, completed_date=completed, actor=actor, at=at)


def _file(foreign: ForeignContract) -> None:
    outside = Outside(
        tenant_id=foreign.tenant_id, number=foreign.number, kind=foreign.kind, kind_label=foreign.kind_label
    )
    entries.file(
        Filing(
            what=Archived.CONTRACT,
            subject=foreign.subject,
            day=foreign.concluded_date,
            amount=foreign.amount,
            title=foreign.title,
            party=foreign.party,
            case=outside,
        )
    )
