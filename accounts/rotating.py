"""Rotate the keys at rest: a new version of each city's key, everything under it, the old ones retired afterwards.

Each step is a small transaction that leaves the city readable: whoever dies between two of them loses nothing, and the
next run goes on from what the rows say. Neither readers nor writers wait.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import actors, tenancy
from accounts.models import Organization
from audit import journal
from vault import keys, masters, rewrapping, versions
from vault.models import TenantKey

BATCH = 100
# 行を先に読み、古い版で包まれたものを手にしている人が、それを開き終えるまで待つ
GRACE = timedelta(hours=1)
# だれかが手にしている行は、飛ばして後で見る。これだけ見て空かなければ、次の回に任せる
LOOKS = 5
PAUSE_SECONDS = 0.5


@dataclass
class Report:
    """What one run did for a key: values moved, values still waiting, and those that open with no key."""

    version: int
    moved: int = 0
    waiting: int = 0
    broken: list[str] = field(default_factory=list)


class _InUse(Exception):
    """Somebody writes with a version, or something is still under it."""


def holders() -> list[Organization]:
    """List everybody who may have a key: municipalities, guarantors, operators."""
    return list(Organization.objects.order_by("pk"))


def rotate(tenant_id: int, *, at: datetime, older_than: timedelta) -> Report | None:
    """Give a city a new key where its key is old enough, or go on with what has begun; None where there is neither."""
    with tenancy.acting_for(tenant_id):
        rows = list(versions.of_city(tenant_id))
        if not rows or (len(rows) == 1 and rows[0].created_at > at - older_than):
            return None
        newest = rows[-1] if len(rows) > 1 else _begun(tenant_id, at=at)
    report = Report(newest.version)
    _move_everything(newest, report)
    if not report.waiting and (report.moved or newest.rewrapped_at is None):
        with tenancy.acting_for(tenant_id):
            TenantKey.objects.filter(pk=newest.pk).update(rewrapped_at=at)
            _record("keys.rewrapped", tenant_id, at=at, version=newest.version, moved=report.moved)
    return report


def go_on(tenant_id: int, *, at: datetime) -> bool:
    """Finish a rotation that was left half done, and retire the older versions once their time has come."""
    with tenancy.acting_for(tenant_id):
        if versions.of_city(tenant_id).count() < 2:
            return False
    rotate(tenant_id, at=at, older_than=GRACE)
    return retire(tenant_id, at=at)


def _begun(tenant_id: int, *, at: datetime) -> TenantKey:
    newest: TenantKey = versions.begin(versions.of_city(tenant_id))
    _record("keys.versioned", tenant_id, at=at, version=newest.version)
    return newest


def _move_everything(newest: TenantKey, report: Report) -> None:
    number = versions.number_in_use(newest)
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE_SECONDS)
        report.broken, report.waiting = [], 0
        for place in rewrapping.places():
            _move(place, newest.tenant_id, number, report)
        if report.waiting == len(report.broken):
            break


def _move(place: rewrapping.Place, tenant_id: int, number: int, report: Report) -> None:
    with tenancy.acting_for(tenant_id):
        waiting = rewrapping.left(place, tenant_id, number)
    report.waiting += len(waiting)
    for start in range(0, len(waiting), BATCH):
        with tenancy.acting_for(tenant_id):
            batch = rewrapping.move(place, tenant_id, waiting[start : start + BATCH])
        report.moved += batch.moved
        report.waiting -= batch.moved
        report.broken += batch.broken


def retire(tenant_id: int, *, at: datetime, grace: timedelta = GRACE) -> bool:
    """Destroy a city's older versions when nothing is under them any more; False while something may be."""
    with tenancy.acting_for(tenant_id):
        newest = keys.newest(tenant_id)
        if newest is None or newest.rewrapped_at is None or newest.rewrapped_at > at - grace:
            return False
    try:
        with tenancy.acting_for(tenant_id):
            _retire(newest, at=at)
    except _InUse:
        return False
    return True


def _retire(newest: TenantKey, *, at: datetime) -> None:
    # 記録の先端は、鍵を待つ人が持っていることがある。先に取り、鍵の方は待たない
    _record("keys.retired", newest.tenant_id, at=at, before=newest.version)
    rows = versions.held(versions.of_city(newest.tenant_id))
    if len(rows) < 2 or rows[-1].version != newest.version:
        raise _InUse
    number = versions.number_in_use(newest)
    if any(rewrapping.left(place, newest.tenant_id, number) for place in rewrapping.places()):
        raise _InUse
    versions.retire(rows)


def follow_master(tenant_id: int, *, at: datetime) -> int:
    """Wrap a city's versions with the master key in use where another has; tell how many."""
    with tenancy.acting_for(tenant_id):
        moved = versions.follow_master(versions.of_city(tenant_id))
        if moved:
            _record("keys.moved", tenant_id, at=at, master=masters.master().name)
    return moved


def masters_in_use() -> set[str]:
    """Name the master keys that still wrap something: the others may be taken out of the settings."""
    names = {versions.wrapped_by(row) for row in versions.of_installation()}
    for holder in holders():
        with tenancy.acting_for(holder.pk):
            names |= {versions.wrapped_by(row) for row in versions.of_city(holder.pk)}
    return names


def _record(action: str, tenant_id: int, *, at: datetime, **data: object) -> None:
    actor = actors.system(tenant_id)
    journal.record(
        action,
        tenant_id=tenant_id,
        at=at,
        actor_kind=actor.kind,
        actor_name=actor.name,
        ip=None,
        subject="keys",
        thread="city",
        data=data,
    )
