"""Hand out the records of disposals (廃棄記録) as a table, and note that it was done."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from accounts import permissions as doors
from accounts import tenancy
from accounts.actors import Actor
from contracts import permissions
from contracts.dates import jst
from contracts.models import DisposalRecord
from contracts.services import evidence
from contracts.services.keeping.proposing import THREAD
from contracts.streams.cells import Cell

AT_A_TIME = 500
HEADING = (
    *("廃棄日", "契約番号", "件名", "取引先", "区分", "契約金額（円）", "履行完了日", "保存期間", "期間の末日"),
    *("期間の数え方", "起案者", "承認者（一人目）", "承認者（二人目）", "承認日時", "廃棄日時", "ファイル数"),
    "ファイルの一覧の SHA-256",
)


def hand_out(*, actor: Actor, at: datetime) -> Iterator[tuple[Cell, ...]]:
    """Note that the records are taken, and return their rows under HEADING, the oldest first."""
    doors.check(permissions.can_read, actor)
    evidence.record_in(THREAD, "disposal.records_taken", subject="disposals", actor=actor, at=at)
    return _rows(actor.tenant_id)


def _rows(tenant_id: int) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows in short transactions of their own: the answer leaves after the one that made it."""
    last = 0
    while True:
        with tenancy.acting_for(tenant_id):
            batch = list(DisposalRecord.unscoped.filter(tenant_id=tenant_id, pk__gt=last).order_by("pk")[:AT_A_TIME])
        yield from map(_row, batch)
        if len(batch) < AT_A_TIME:
            return
        last = batch[-1].pk


def _row(record: DisposalRecord) -> tuple[Cell, ...]:
    return (
        timezone.localdate(record.disposed_at),
        record.number,
        record.title,
        record.party,
        record.kind_label,
        record.amount,
        record.completed_date,
        record.get_period_display(),
        record.ends_date,
        record.working,
        record.made_by,
        record.first_by,
        record.second_by,
        jst(record.approved_at),
        jst(record.disposed_at),
        len(record.files),
        record.files_sha256,
    )
