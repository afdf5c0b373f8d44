"""Thousands of contracts concluded elsewhere, from a folder: each looked at, and taken in by itself."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions, tables
from contracts.elsewhere import index
from contracts.elsewhere.folders import Folder
from contracts.elsewhere.packages import PackageRefused
from contracts.models import ImportJob, ImportKind
from contracts.services.register import import_elsewhere, importing
from contracts.services.register.import_elsewhere import FILE, Bundle, Desk
from contracts.services.register.import_rows import Outcome, Planned, report
from contracts.states import ImportState
from contracts.tables import Row

# 一つの「取込み」に並べる行。どの契約の取引も、その記録を書き直す
BATCH = 100


class Move:
    """One run over an index. Every batch of rows that brings something in is one ImportJob, as those of the page.

    Look at a row outside of a transaction; begin, take in and end inside one that sees the city's rows.
    """

    def __init__(self, content: bytes, folder: Folder, *, name: str, actor: Actor, at: datetime) -> None:
        """Read the index against the folder; raises TableRefused, and PermissionDenied by role."""
        doors.check(permissions.can_keep_records, actor)
        kinds, today = import_elsewhere.kinds_of(actor, at=at), timezone.localdate(at)
        found = index.read(content, kinds=kinds, files=folder.names, on=today, most=tables.MOST_ROWS)
        self.bundle = Bundle(folder, found)
        self.remarks = import_elsewhere.remarks_of(self.bundle)
        self._desk = Desk(self.bundle, actor=actor, at=at, looks={}, resumes=True)
        self._name, self._sha256, self._actor = name[-255:], hashlib.sha256(content).hexdigest(), actor
        self._batch: list[Planned] = []
        self._job: ImportJob | None = None

    def look(self, row: Row, *, at: datetime) -> Planned:
        """Open and verify the file of a row; nothing is written."""
        return self._desk.planned(row, at=at)

    def take_in(self, planned: Planned, *, at: datetime) -> Planned:
        """Take in what a row brings, whole or not at all, and say what became of it."""
        if planned.outcome is Outcome.NEW:
            try:
                self._job = self._written(planned, at=at)
            except PackageRefused as wrong:
                problem = [FILE, str(wrong)]
                planned = Planned(planned.line, planned.title, Outcome.REFUSED, problems=[problem])
        self._batch.append(planned)
        if len(self._batch) >= BATCH:
            self.end(at=at)
        return planned

    @transaction.atomic
    def end(self, *, at: datetime) -> None:
        """End the batch: its rows stand in its report, and the journal tells that it was taken in."""
        if self._job is not None:
            self._job.report = self._report(self._batch)
            self._job.save(update_fields=["report"])
            importing.record_job("import.applied", self._job, actor=self._actor, at=at)
        self._batch, self._job = [], None

    @transaction.atomic
    def _written(self, planned: Planned, *, at: datetime) -> ImportJob:
        told = self._report([*self._batch, planned])
        job = self._job or self._begun(told, at=at)
        if job.report != told:
            job.report = told
            job.save(update_fields=["report"])
        import_elsewhere.take_in([planned], job=job, actor=self._actor, at=at)
        return job

    def _begun(self, told: dict[str, object], *, at: datetime) -> ImportJob:
        job: ImportJob = ImportJob.unscoped.create(
            tenant_id=self._actor.tenant_id,
            kind=ImportKind.ELSEWHERE,
            sha256=self._sha256,
            name=self._name,
            report=told,
            state=ImportState.APPLIED,
            made_by_id=self._actor.user_id,
            made_at=at,
            applied_at=at,
        )
        return job

    def _report(self, rows: list[Planned]) -> dict[str, object]:
        return report(self.bundle.encoding, rows, self.remarks)
