"""Hold records beyond their term for a reason (訴訟、監査、情報公開請求など), and release them with another."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import permissions
from contracts.models import Custody, LegalHold
from contracts.services.keeping.terms import KeepingRefused, note


@transaction.atomic
def hold(custody: Custody, *, reason: str, actor: Actor, at: datetime) -> LegalHold:
    """Keep some records from every disposal, an approved one included, until the hold is released.

    Raises KeepingRefused without a reason, and when they are disposed of already.
    """
    custody = lock(custody)
    doors.check(permissions.can_keep_records, actor)
    if not reason.strip():
        raise KeepingRefused("廃棄を保留する理由を入力してください。")
    if custody.disposed_at is not None:
        raise KeepingRefused("すでに廃棄されています。保留できるのは、廃棄の前だけです。")
    made: LegalHold = LegalHold.unscoped.create(
        tenant_id=custody.tenant_id, custody=custody, reason=reason.strip(), held_by_id=actor.user_id, held_at=at
    )
    note("custody.held", custody, actor=actor, at=at, reason=made.reason)
    return made


@transaction.atomic
def release(held: LegalHold, *, reason: str, actor: Actor, at: datetime) -> LegalHold:
    """End a hold; the term of the records goes on as it was counted.

    Raises KeepingRefused without a reason, and when it is released already.
    """
    held = lock(held)
    doors.check(permissions.can_keep_records, actor)
    if not reason.strip():
        raise KeepingRefused("保留を解除する理由を入力してください。")
    if held.released_at is not None:
        raise KeepingRefused("この保留は、すでに解除されています。")
    held.released_by_id, held.released_at, held.release_reason = actor.user_id, at, reason.strip()
    held.save(update_fields=["released_by", "released_at", "release_reason"])
    note("custody.released", held.custody, actor=actor, at=at, reason=held.release_reason, held_for=held.reason)
    return held
