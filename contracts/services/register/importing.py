"""Take in files of rows: first a dry run that says what each row would do, then all of it in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions, tables
from contracts.elsewhere.packages import PackageRefused
from contracts.models import ImportJob, ImportKind
from contracts.services import evidence
from contracts.services.register import import_cases, import_elsewhere, import_register
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
    """How files of one kind are opened, planned and taken in, and by whom.

    `looks` tells what the dry run found in files, for its report; the second plan is given it again.
    """

    columns: Callable[..., Sequence[Column]]
    opened: Callable[..., AbstractContextManager[Any]]
    plan: Callable[..., tuple[list[Planned], list[str]]]
    take_in: Callable[..., None]
    allowed: Callable[[Actor], bool]
    looks: Callable[[Sequence[Planned]], dict[str, Any]] = lambda _rows: {}


def _table(columns: Sequence[Column], plan: Any, take_in: Any, allowed: Callable[[Actor], bool]) -> Importer:
    """Make the importer of a CSV file with the same columns for everybody."""

    @contextmanager
    def opened(source: bytes | BinaryIO, **_reader: object) -> Iterator[Table]:
        yield tables.read(source if isinstance(source, bytes) else source.read(), columns)

    def planned(table: Table, *, looks: object, **asked: Any) -> Any:  # noqa: ARG001
        return plan(table, **asked)

    def taken_in(rows: Sequence[Planned], *, job: ImportJob, **asked: Any) -> None:  # noqa: ARG001
        take_in(rows, **asked)

    return Importer(lambda *_, **__: columns, opened, planned, taken_in, allowed)


IMPORTERS = {
    ImportKind.REGISTER: _table(
        import_register.COLUMNS, import_register.plan, import_register.take_in, permissions.can_keep_register
    ),
    ImportKind.CASES: _table(import_cases.COLUMNS, import_cases.plan, import_cases.take_in, permissions.can_register),
    ImportKind.ELSEWHERE: Importer(
        import_elsewhere.columns_of,
        import_elsewhere.opened,
        import_elsewhere.plan,
        import_elsewhere.take_in,
        permissions.can_keep_records,
        import_elsewhere.looks_of,
    ),
}


@transaction.atomic
def preview(*, actor: Actor, at: datetime, kind: ImportKind, name: str, content: bytes | BinaryIO) -> ImportJob:
    """Read a file and keep it with the report of what each row would do; nothing else is written.

    Raises ImportRefused when the file, its encoding or its header is wrong.
    """
    importer = IMPORTERS[kind]
    doors.check(importer.allowed, actor)
    with _opened(importer, content, actor=actor, at=at) as found:
        rows, remarks = importer.plan(found, actor=actor, at=at, locked=False, looks={})
        made = report(found.encoding, rows, remarks) | _looked(importer.looks(rows))
    kept = files.store(tenant_id=actor.tenant_id, content=content)
    job: ImportJob = ImportJob.unscoped.create(
        tenant_id=actor.tenant_id,
        kind=kind,
        file=kept,
        sha256=kept.sha256,
        name=name[-255:],
        report=made,
        made_by_id=actor.user_id,
        made_at=at,
    )
    record_job("import.previewed", job, actor=actor, at=at)
    return job


@transaction.atomic
def apply(job: ImportJob, *, actor: Actor, at: datetime, seen: str) -> ImportJob:
    """Take in the rows that are not refused, all at once, if they still do what the person saw.

    `seen` is the digest of the report that was agreed to. When the outcome differs now, nothing is taken in: the job
    stays previewed with its new report, for the person to see.
    """
    job, importer = _open(job, actor)
    with _kept(job) as source, _opened(importer, source, actor=actor, at=at) as found:
        looks = job.report.get("looks", {})
        rows, remarks = importer.plan(found, actor=actor, at=at, locked=True, looks=looks)
        job.report = report(found.encoding, rows, remarks) | _looked(importer.looks(rows))
        if digest(job.report) != seen:
            job.save(update_fields=["report"])
            record_job("import.rechecked", job, actor=actor, at=at)
            return job
        if not _written(rows):
            raise ImportRefused("取り込む行がありません。")
        job.move_to(ImportState.APPLIED)
        job.applied_at = at
        job.save(update_fields=["report", "state", "applied_at"])
        importer.take_in(rows, job=job, actor=actor, at=at)
    _give_up(job)
    record_job("import.applied", job, actor=actor, at=at)
    return job


@transaction.atomic
def discard(job: ImportJob, *, actor: Actor, at: datetime) -> ImportJob:
    """Give up a file that was read; nothing of it is taken in."""
    job, _ = _open(job, actor)
    job.move_to(ImportState.DISCARDED)
    job.save(update_fields=["state"])
    _give_up(job)
    record_job("import.discarded", job, actor=actor, at=at)
    return job


def _looked(looks: dict[str, Any]) -> dict[str, Any]:
    return {"looks": looks} if looks else {}


def _give_up(job: ImportJob) -> None:
    """Keep no package beyond its import: its contracts are files of their own, which can be disposed of."""
    if job.kind == ImportKind.ELSEWHERE and (package := job.file) is not None:
        job.file = None
        job.save(update_fields=["file"])
        files.forget(package)


def columns_of(kind: ImportKind, *, actor: Actor, at: datetime) -> Sequence[Column]:
    """List the columns that a file of a kind has."""
    return IMPORTERS[kind].columns(actor, at=at)


def _open(job: ImportJob, actor: Actor) -> tuple[ImportJob, Importer]:
    job = lock(job)
    importer = IMPORTERS[ImportKind(job.kind)]
    doors.check(importer.allowed, actor)
    if job.state != ImportState.PREVIEWED:
        raise ImportRefused(
            f"この取込みはすでに{job.get_state_display()}です。もう一度取り込むには、ファイルを選び直してください。"
        )
    return job, importer


@contextmanager
def _kept(job: ImportJob) -> Iterator[BinaryIO]:
    """Read the file of a job again, without holding the whole of it in memory."""
    assert job.file is not None  # noqa: S101 - 確認待ちの行に必ずある（制約 only_a_finished_package_is_given_up）
    with TemporaryFile() as file:
        file.writelines(files.stream(job.file))
        file.seek(0)
        yield file


@contextmanager
def _opened(importer: Importer, source: bytes | BinaryIO, *, actor: Actor, at: datetime) -> Iterator[Any]:
    try:
        with importer.opened(source, actor=actor, at=at) as found:
            yield found
    except TableRefused as wrong:
        raise ImportRefused(*wrong.problems) from wrong
    except PackageRefused as wrong:
        raise ImportRefused(str(wrong)) from wrong


def _written(rows: Sequence[Planned]) -> list[Planned]:
    return [row for row in rows if row.outcome in {Outcome.NEW, Outcome.CHANGED}]


def record_job(action: str, job: ImportJob, *, actor: Actor, at: datetime) -> None:
    """Add to the journal what was done with a job, by its counts and the digest of its report."""
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
