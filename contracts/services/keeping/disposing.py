"""Carry out an approved disposal, one custody at a time: destroy the keys of its files, and keep the record of it.

A worker may die at any point. What is decided is decided in one transaction (record, keys, archive, journal); the
ciphertexts go after it, and go again when the worker died in between.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import actors, tenancy
from accounts.models import User
from accounts.querysets import lock
from contracts import holdings
from contracts.archive import entries
from contracts.archive.texts import keeping
from contracts.models import (
    ArchiveEntry,
    ConclusionCertificate,
    Custody,
    Disposal,
    DisposalItem,
    DisposalRecord,
    DocumentText,
    EntryState,
    Renewal,
)
from contracts.services import evidence, links
from contracts.services.keeping import proposing
from contracts.services.keeping.terms import note
from contracts.services.upkeep import chores
from contracts.states import DisposalState, ItemState
from vault import files
from vault.models import StoredFile

TROUBLE = "廃棄できませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"


def dispose_next(*, tenant_id: int, at: datetime) -> bool:
    """Dispose of what has been due longest in a municipality; False when nothing is."""

    def act(item: DisposalItem) -> None:
        with tenancy.acting_for(tenant_id):
            gone = _decided(item, at=at)
        for stored in gone:
            with tenancy.acting_for(tenant_id):
                files.sweep(stored)
        with tenancy.acting_for(tenant_id):
            _close(item, at=at)

    rows = DisposalItem.unscoped.filter(state=ItemState.DUE)
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE)


def _decided(item: DisposalItem, *, at: datetime) -> list[StoredFile]:
    """Destroy the keys and write the record, once; return the files whose ciphertext is to go."""
    row = chores.held(item)
    if row is None:
        return []
    custody = lock(row.custody)
    if custody.disposed_at is not None:
        found = {pk for pk, _ in holdings.files_of(custody)}
        return list(StoredFile.objects.filter(pk__in=found, destroyed_at__isnull=False))
    standing = proposing.judged(Custody.unscoped.filter(pk=custody.pk)).get()
    if standing.obstacle:
        row.left_because = standing.obstacle
        row.move_to(ItemState.LEFT)
        row.save(update_fields=["state", "left_because"])
        note("custody.left", custody, actor=actors.system(row.tenant_id), at=at, reason=row.left_because)
        return []
    return _destroyed(row, custody, at=at)


def _destroyed(item: DisposalItem, custody: Custody, *, at: datetime) -> list[StoredFile]:
    keeping.erase(
        DocumentText.unscoped.filter(tenant_id=custody.tenant_id, subject__in=_entries(custody).values("subject"))
    )
    found = holdings.files_of(custody)
    # 参照を足す人（files.store）と順を争わないよう、番号の順に錠をかけてから、ほかの使い手を確かめる
    locked = StoredFile.objects.select_for_update().filter(pk__in={pk for pk, _ in found}).order_by("pk")
    kept = {stored.pk: holdings.is_needed(stored, besides=custody) for stored in locked}
    gone = [stored for stored in locked if not kept[stored.pk]]
    for stored in gone:
        files.destroy(stored, at=at)
    record = _record(item, custody, [told | {"kept": kept[pk]} for pk, told in found], at=at)
    custody.disposed_at = at
    custody.save(update_fields=["disposed_at"])
    _let_go(custody, at=at)
    note(
        "custody.disposed",
        custody,
        actor=actors.system(custody.tenant_id),
        at=at,
        record=record.pk,
        files_sha256=record.files_sha256,
        files=len(found),
        period=record.get_period_display(),
        ends_date=record.ends_date.isoformat(),
        approved_by=[record.first_by, record.second_by],
    )
    return gone


def _record(item: DisposalItem, custody: Custody, told: Sequence[dict[str, Any]], *, at: datetime) -> DisposalRecord:
    disposal = Disposal.unscoped.select_related("made_by", "first_by", "second_by").get(pk=item.disposal_id)
    listed = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    subject = custody.subject
    made: DisposalRecord = DisposalRecord.unscoped.create(
        tenant_id=custody.tenant_id,
        item=item,
        custody=custody,
        number=custody.number,
        title=custody.title,
        party=custody.party,
        kind_label=subject.kind_label,
        amount=subject.amount,
        completed_date=custody.completed_date,
        period=custody.period,
        working=custody.working,
        ends_date=custody.ends_date,
        files=told,
        files_sha256=hashlib.sha256(listed).hexdigest(),
        made_by=_named(disposal.made_by),
        first_by=_named(disposal.first_by),
        second_by=_named(disposal.second_by),
        approved_at=disposal.second_at,
        disposed_at=at,
    )
    return made


def _named(user: User) -> str:
    return f"{user.name} <{user.email}>"


def _let_go(custody: Custody, *, at: datetime) -> None:
    """Let the archive say so, and end what would still reach for the files: renewals, certificates and links."""
    if custody.case is not None:
        Renewal.unscoped.filter(document__version__contract__case=custody.case).delete()
        unmade = ConclusionCertificate.unscoped.filter(document__isnull=True)
        unmade.filter(version__contract__case=custody.case).delete()
        links.revoke_of_case(custody.case, at=at)
    entries.restate(_entries(custody), EntryState.DISPOSED)


def _entries(custody: Custody) -> Any:
    """Query what the archive says of it now."""
    rows = ArchiveEntry.unscoped.filter(tenant_id=custody.tenant_id, is_current=True)
    return rows.filter(case=custody.case) if custody.case else rows.filter(subject=custody.thread)


def _close(item: DisposalItem, *, at: datetime) -> None:
    """Note that an item is done with; the last one closes its list."""
    disposal = lock(item.disposal)
    row = chores.held(item)
    if row is not None and row.state == ItemState.DUE:
        row.move_to(ItemState.DONE)
        row.save(update_fields=["state"])
    if disposal.state != DisposalState.APPROVED or disposal.items.filter(state=ItemState.DUE).exists():
        return
    disposal.move_to(DisposalState.DONE)
    disposal.closed_at = at
    disposal.save(update_fields=["state", "closed_at"])
    states = list(disposal.items.values_list("state", flat=True))
    evidence.record_in(
        proposing.THREAD,
        "disposal.done",
        subject=f"disposal:{disposal.pk}",
        actor=actors.system(disposal.tenant_id),
        at=at,
        disposed=states.count(ItemState.DONE),
        left=states.count(ItemState.LEFT),
    )
