"""Take one press for many contracts: the rows are written, the worker does them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import doorbell
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts.models import Batch, Deed
from contracts.services import evidence
from contracts.services.batches.kind import MOST, Kind, Told

THREAD = "batches"


class BatchRefused(Refusal):
    """Not everything that was looked at can be asked for any more."""


def asked_with(key: UUID, *, actor: Actor) -> Batch | None:
    """Find what this person asked for on a page before; None while nobody pressed its button."""
    rows = Batch.unscoped.filter(tenant_id=actor.tenant_id, asked_by_id=actor.user_id)
    return rows.filter(key=key).first()  # type: ignore[no-any-return]


@transaction.atomic
def ask(
    kind: Kind,
    *,
    targets: Collection[int],
    key: UUID,
    actor: Actor,
    at: datetime,
    seen: Mapping[int, int] | None = None,
    authentication: str = "",
) -> Batch:
    """Ask for a deed to each of some rows, exactly those that the page showed; the same page asks once.

    `seen` names, of rows that people edit, the edit that the page showed. Raises BatchRefused when there is nothing or
    too much to do, or when a row has moved on or was edited since the page was shown.
    """
    if not kind.may(actor):
        raise PermissionDenied("この操作を行う役割がありません。")
    if before := asked_with(key, actor=actor):
        return before
    _check_number(targets)
    if kind.asks_code and not authentication:
        raise BatchRefused("まとめて署名するには、認証アプリのコードが要ります。")
    found = _still_possible(kind, targets, seen or {}, actor=actor, at=at)
    batch, is_new = _opened(kind, key=key, actor=actor, at=at, authentication=authentication)
    if is_new:
        _write(batch, found, actor=actor, at=at)
    return batch


def _check_number(targets: Collection[int]) -> None:
    if not targets:
        raise BatchRefused("できるものが選ばれていません。一覧から選び直してください。")
    if len(targets) > MOST:
        raise BatchRefused(f"一度にできるのは{MOST}件までです。分けて行ってください。")


def _still_possible(
    kind: Kind, targets: Collection[int], seen: Mapping[int, int], *, actor: Actor, at: datetime
) -> list[Told]:
    rows = list(kind.among(actor, at=at, targets=list(targets)))
    able = [each for each in kind.tell(rows, actor, at) if not each.obstacle]
    found = [each for each in able if seen.get(each.target, each.seen) == each.seen]
    if len(found) < len(set(targets)):
        gone = len(set(targets)) - len(found)
        raise BatchRefused(
            f"選んだもののうち{gone}件は、その間に手続きが進んだか内容が変わったため、まだ何も頼んでいません。"
            "いまの内容を確かめて、もう一度押してください。"
        )
    return found


def _opened(kind: Kind, *, key: UUID, actor: Actor, at: datetime, authentication: str) -> tuple[Batch, bool]:
    """Write the press down; where the same one came in twice at a time, the second waits and finds the first."""
    known = {"kind": kind.name, "asked_by_id": actor.user_id, "asked_at": at, "authentication": authentication}
    known |= {"asked_ip": actor.ip, "asked_agent": actor.user_agent}
    made: tuple[Batch, bool] = Batch.unscoped.get_or_create(tenant_id=actor.tenant_id, key=key, defaults=known)
    return made


def _write(batch: Batch, found: Sequence[Told], *, actor: Actor, at: datetime) -> None:
    Deed.unscoped.bulk_create(
        Deed(tenant_id=batch.tenant_id, batch=batch, case=each.case, target=each.target, seen=each.seen, due_at=at)
        for each in found
    )
    ring()
    evidence.record_in(
        THREAD,
        "batch.asked",
        subject=f"batch:{batch.pk}",
        actor=actor,
        at=at,
        title=batch.get_kind_display(),
        cases=[each.case.number for each in found],
        authentication=batch.authentication,
    )


def ring() -> None:
    """Ring the worker once the transaction that asked holds."""
    from contracts import tasks

    doorbell.ring(tasks.carry_out)
