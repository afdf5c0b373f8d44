"""Whom a guarantor deals with: contractors that apply, orderers that view; and how an orderer's system connects."""

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts.services import evidence
from guarantees.issuing import permissions
from guarantees.issuing.refusals import IssuingRefused
from guarantees.models.issuing import Correspondent, Side


def thread_of(correspondent: Correspondent) -> str:
    """Name the thread in which everything about a correspondent stands."""
    return f"correspondent:{correspondent.pk}"


@transaction.atomic
def register(
    *, actor: Actor, at: datetime, side: str, name: str, email: str, address: str = "", phone: str = ""
) -> Correspondent:
    """Enter a contractor (R99: e-Net保証利用申込書) or an orderer; raises IssuingRefused for a name entered before."""
    doors.check(permissions.can_keep_books, actor)
    row = Correspondent(tenant_id=actor.tenant_id, side=side, name=name, email=email, address=address, phone=phone)
    _save(row)
    record("issuing.correspondent_registered", row, actor=actor, at=at, side=row.get_side_display(), email=email)
    return row


@transaction.atomic
def correct(
    correspondent: Correspondent, *, actor: Actor, at: datetime, name: str, email: str, address: str, phone: str
) -> Correspondent:
    """Correct an entry; certificates keep what they say. With another address, the links to the old one die."""
    doors.check(permissions.can_keep_books, actor)
    row = lock(correspondent)
    moved = row.email != email
    before = {"name": row.name, "email": row.email}
    row.name, row.email, row.address, row.phone = name, email, address, phone
    _save(row)
    if moved:
        row.links.filter(expires_at__gt=at).update(expires_at=at)
    record("issuing.correspondent_corrected", row, actor=actor, at=at, before=before, email=email)
    return row


def _save(row: Correspondent) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        if "one_correspondent_per_name" not in str(clash):
            raise
        raise IssuingRefused(f"「{row.name}」は{Side(row.side).label}として、すでに登録されています。") from clash


@transaction.atomic
@sensitive_variables("token")
def connect(orderer: Correspondent, *, actor: Actor, at: datetime) -> str:
    """Make the token by which an orderer's system asks, and return it, to be shown once; the older one dies."""
    doors.check(permissions.can_keep_books, actor)
    orderer = lock(orderer)
    if orderer.side != Side.ORDERER:
        raise IssuingRefused("接続用の合言葉は、発注者だけが使います。")
    token = secrets.token_urlsafe(32)
    again = bool(orderer.token_hash)
    orderer.token_hash, orderer.token_made_at = token_hash(token), at
    orderer.save(update_fields=["token_hash", "token_made_at"])
    record("issuing.orderer_connected", orderer, actor=actor, at=at, again=again)
    return token


def by_token(token: str) -> Correspondent | None:
    """Find the orderer whose system shows a token to the guarantor in view; None when nobody has it."""
    found = Correspondent.unscoped.filter(side=Side.ORDERER, token_hash=token_hash(token))
    return found.select_related("tenant").first() if token else None


def token_hash(token: str) -> str:
    """Hash a token for storage; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def record(action: str, correspondent: Correspondent, *, actor: Actor, at: datetime, **data: object) -> None:
    """Add an event to a correspondent's thread; last in a service."""
    evidence.record_in(
        thread_of(correspondent),
        action,
        subject=thread_of(correspondent),
        actor=actor,
        at=at,
        name=correspondent.name,
        **data,
    )
