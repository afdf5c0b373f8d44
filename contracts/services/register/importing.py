"""Take in files of rows: first a dry run that says what each row would do, then all of it in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions, tables
from contracts.models import ImportJob, ImportKind
from contracts.services import evidence
from contracts.services.register import import_cases, import_register
from contracts.services.register.import_rows import Outcome, Planned, digest, report
from contracts.states import ImportState
from contracts.tables import Column, Table, TableRefused
from vault import files

THREAD = "imports"


class ImportRefused(Refusal):
    """The file cannot be taken in as it is; the problems say what is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("　".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Importer:
    """How files of one kind are read, planned and taken in, and by whom."""

    columns: tuple[Column, ...]
    plan: Callable[..., tuple[list[Planned], list[str]]]
    take_in: Callable[..., None]
    allowed: Callable[[Actor], bool]


IMPORTERS = {
    ImportKind.REGISTER: Importer(
        import_register.COLUMNS, import_register.plan, import_register.take_in, permissions.can_keep_register
    ),
    ImportKind.CASES: Importer(import_cases.COLUMNS, import_cases.plan, import_cases.take_in, permissions.can_register),
}


@transaction.atomic
def preview(*, actor: Actor, at: datetime, kind: ImportKind, name: str, content: bytes) -> ImportJob:
    """Read a file and keep it with the report of what each row would do; nothing else is written.

    Raises ImportRefused when the file, its encoding or its header is wrong.
    """
    importer = IMPORTERS[kind]
    doors.check(importer.allowed, actor)
    table = _read(content, importer)
    rows, remarks = importer.plan(table, actor=actor, at=at, locked=False)
    job: ImportJob = ImportJob.unscoped.create(
        tenant_id=actor.tenant_id,
        kind=kind,
        file=files.store(tenant_id=actor.tenant_id, content=content),
        name=name[-255:],
        report=report(table.encoding, rows, remarks),
        made_by_id=actor.user_id,
        made_at=at,
    )
    _record("import.previewed", job, actor=actor, at=at)
    return job


@transaction.atomic
def apply(job: ImportJob, *, actor: Actor, at: datetime, seen: str) -> ImportJob:
    """Take in the rows that are not refused, all at once, if they still do what the person saw.

    `seen` is the digest of the report that was agreed to. When the outcome differs now, nothing is taken in: the job
    stays previewed with its new report, for the person to see.
    """
    job, importer = _open(job, actor)
    table = _read(files.read(job.file), importer)
    rows, remarks = importer.plan(table, actor=actor, at=at, locked=True)
    job.report = report(table.encoding, rows, remarks)
    if digest(job.report) != seen:
        job.save(update_fields=["report"])
        _record("import.rechecked", job, actor=actor, at=at)
        return job
    if not _written(rows):
        raise ImportRefused("取り込む行がありません。")
    job.move_to(ImportState.APPLIED)
    job.applied_at = at
    job.save(update_fields=["report", "state", "applied_at"])
    importer.take_in(rows, actor=actor, at=at)
    _record("import.applied", job, actor=actor, at=at)
    return job


@transaction.atomic
def discard(job: ImportJob, *, actor: Actor, at: datetime) -> ImportJob:
    """Give up a file that was read; nothing of it is taken in."""
    job, _ = _open(job, actor)
    job.move_to(ImportState.DISCARDED)
    job.save(update_fields=["state"])
    _record("import.discarded", job, actor=actor, at=at)
    return job


def columns_of(kind: ImportKind) -> Sequence[Column]:
    return IMPORTERS[kind].columns


def _open(job: ImportJob, actor: Actor) -> tuple[ImportJob, Importer]:
    job = lock(job)
    importer = IMPORTERS[ImportKind(job.kind)]
    doors.check(importer.allowed, actor)
    if job.state != ImportState.PREVIEWED:
        raise ImportRefused(
            f"この取込みはすでに{job.get_state_display()}です。もう一度取り込むには、ファイルを選び直してください。"
        )
    return job, importer


def _read(content: bytes, importer: Importer) -> Table:
    try:
        return tables.read(content, importer.columns)
    except TableRefused as wrong:
        raise ImportRefused(*wrong.problems) from wrong


def _written(rows: Sequence[Planned]) -> list[Planned]:
    return [row for row in rows if row.outcome in {Outcome.NEW, Outcome.CHANGED}]


def _record(action: str, job: ImportJob, *, actor: Actor, at: datetime) -> None:
    counts: dict[str, Any] = job.report["counts"]
    evidence.record_in(
        THREAD,
        action,
        subject=f"import:{job.pk}",
        actor=actor,
        at=at,
        kind=job.get_kind_display(),
        file=job.name,
        sha256=job.sha256,
        report_sha256=digest(job.report),
        **counts,
    )
