"""Do what was asked for with one press, one deed at a time, each in one transaction: done whole, or not at all."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import actors, tenancy
from accounts.acting import actor_for
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts.models import Batch, Deed
from contracts.services import evidence
from contracts.services.batches.asking import THREAD
from contracts.services.batches.kinds import KINDS
from contracts.states import DeedState

logger = logging.getLogger(__name__)

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300))
TROUBLE = "思わぬ誤りで、何度試しても続けられませんでした。何も変わっていません。案件の画面から行ってください。"


def carry_next(*, tenant_id: int, at: datetime) -> bool:
    """Do the deed of a municipality that has waited longest; False when none is due.

    A worker that dies in here leaves everything as it was: the row is free again, and the next one does it.
    """
    with tenancy.acting_for(tenant_id):
        deed = _take(at=at)
        if deed is not None:
            _carry_out(deed, at=at)
    return deed is not None


def _take(*, at: datetime) -> Deed | None:
    rows = Deed.unscoped.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related(
        "batch__asked_by"
    )
    due = rows.filter(state=DeedState.DUE, due_at__lte=at)
    return due.order_by("due_at", "pk").first()  # type: ignore[no-any-return]


def _carry_out(deed: Deed, *, at: datetime) -> None:
    """Do it through the single deed's own service; whatever that wrote before it refused is taken back."""
    batch = deed.batch
    try:
        with transaction.atomic():
            outcome = KINDS[batch.kind].do(deed, _asker(batch, at=at), at)
    except Refusal as refused:
        _end(deed, DeedState.LEFT, str(refused), at=at)
    except PermissionDenied as denied:
        _end(deed, DeedState.LEFT, str(denied), at=at)
    except Exception:  # 一件の思わぬ誤りで、ほかの件を止めない
        logger.exception("deed %s of batch %s", deed.pk, batch.pk)
        _postpone(deed, at=at)
    else:
        _end(deed, DeedState.DONE, outcome, at=at)


def _asker(batch: Batch, *, at: datetime) -> Actor:
    """Give who pressed, with the roles that they hold on the day of the deed, and where they pressed."""
    day = timezone.localdate(at)
    actor = actor_for(batch.asked_by, on=day, ip=batch.asked_ip, user_agent=batch.asked_agent)
    if actor is None or actor.tenant_id != batch.tenant_id or not batch.asked_by.is_active:
        raise PermissionDenied("頼んだ人の役割が、その間になくなりました。")
    return actor


def _postpone(deed: Deed, *, at: datetime) -> None:
    deed.failures += 1
    if deed.failures > len(BACK_OFF):
        _end(deed, DeedState.LEFT, TROUBLE, at=at)
        return
    deed.due_at = at + BACK_OFF[deed.failures - 1]
    deed.save(update_fields=["failures", "due_at"])


def _end(deed: Deed, state: DeedState, outcome: str, *, at: datetime) -> None:
    """Keep what became of a deed; the last one of a batch closes it."""
    deed.move_to(state)
    deed.outcome, deed.done_at = outcome[:500], at
    deed.save(update_fields=["state", "outcome", "done_at", "failures"])
    batch = lock(deed.batch, "asked_by")
    if batch.deeds.filter(state=DeedState.DUE).exists():
        return
    batch.closed_at = at
    batch.save(update_fields=["closed_at"])
    states = list(batch.deeds.values_list("state", flat=True))
    evidence.record_in(
        THREAD,
        "batch.done",
        subject=f"batch:{batch.pk}",
        actor=actors.system(batch.tenant_id),
        at=at,
        title=batch.get_kind_display(),
        done=states.count(DeedState.DONE),
        left=states.count(DeedState.LEFT),
    )
