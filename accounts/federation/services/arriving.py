"""Assertions that arrived: each once, taken up within moments by the browser that asked, and forgotten later."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.federation.models import Arrival, IdentityProvider
from accounts.federation.saml import Arrived
from accounts.federation.saying import NotProven

LIFE = timedelta(minutes=2)
# 期限の後も、これだけは覚えておく。時計のずれより長く
KEPT = timedelta(days=1)


@transaction.atomic
def keep(provider: IdentityProvider, *, arrived: Arrived, at: datetime) -> str:
    """Keep what arrived, and return the secret that takes it up; raises NotProven for what has arrived before."""
    Arrival.unscoped.filter(tenant_id=provider.tenant_id, expires_at__lt=at - KEPT).delete()
    token = secrets.token_urlsafe(32)
    row = Arrival(
        tenant_id=provider.tenant_id,
        provider=provider,
        assertion_hash=_hash(f"{provider.issuer} {arrived.assertion_id}"),
        request_id=arrived.request_id,
        subject=arrived.said.subject,
        address=arrived.said.address,
        is_sure=arrived.said.is_sure,
        token_hash=_hash(token),
        arrived_at=at,
        expires_at=arrived.expires_at,
    )
    if not Arrival.unscoped.bulk_create([row], ignore_conflicts=True) or not _is_kept(row):
        raise NotProven("同じ Assertion が、もう一度届きました。")
    return token


def _is_kept(row: Arrival) -> bool:
    return bool(Arrival.unscoped.filter(tenant_id=row.tenant_id, token_hash=row.token_hash).exists())


@transaction.atomic
def take(tenant_id: int, *, token: str, at: datetime) -> Arrival | None:
    """Take up what arrived a moment ago, once; None for anything else."""
    rows = Arrival.unscoped.select_for_update(of=("self",)).select_related("provider")
    row: Arrival | None = rows.filter(tenant_id=tenant_id, token_hash=_hash(token), taken_at=None).first()
    if row is None or at - row.arrived_at > LIFE:
        return None
    row.taken_at = at
    row.save(update_fields=["taken_at"])
    return row


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
