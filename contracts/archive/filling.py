"""Bring what was there before into the archive, row by row in the worker; it may stop and start again anywhere."""

from datetime import datetime, timedelta

from accounts import tenancy
from contracts import hooks
from contracts.models import ArchiveBackfill

AT_A_TIME = 200
# 働き手が途中で止まったら、これだけ待って、ほかの働き手が続ける
LEASE = timedelta(minutes=2)


def fill_next(*, tenant_id: int, at: datetime) -> bool:
    """File the next rows of a municipality that waits for it; False when none is due.

    How far it came is noted at the end: what a crash leaves half done is done again, which changes nothing.
    """
    with tenancy.acting_for(tenant_id):
        work = _claim(at)
        if work is None:
            return False
        source = hooks.archive_sources[work.source]
        rows = source.rows().filter(pk__gt=work.reached).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:AT_A_TIME])
    for key in keys:
        _follow(source, key, tenant_id=tenant_id)
    with tenancy.acting_for(tenant_id):
        work.reached = keys[-1] if keys else work.reached
        work.due_at = at if len(keys) == AT_A_TIME else None
        work.save(update_fields=["reached", "due_at"])
    return True


def _claim(at: datetime) -> ArchiveBackfill | None:
    rows = ArchiveBackfill.unscoped.select_for_update(skip_locked=True).filter(due_at__lte=at)
    work: ArchiveBackfill | None = rows.order_by("due_at", "pk").first()
    if work is not None:
        work.due_at = at + LEASE
        work.save(update_fields=["due_at"])
    return work


def _follow(source: hooks.ArchiveSource, key: int, *, tenant_id: int) -> None:
    """Lock one row at a time, as services do: two that are locked together could wait for each other."""
    with tenancy.acting_for(tenant_id):
        row = source.rows().select_for_update(of=("self",), no_key=True).filter(pk=key).first()
        if row is not None:
            source.follow(row)
