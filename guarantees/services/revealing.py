"""The key is shown to a person who says why, and forgotten when nobody needs it any more (R124)."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from contracts.services import evidence
from guarantees import permissions
from guarantees.models import Guarantee
from guarantees.services.refusals import REVEAL_REASON_LENGTH, GuaranteeRefused
from vault import fields


@dataclass(frozen=True)
class Credential:
    """What opens a certificate at its guarantor's: the key, or the password of an address."""

    key: str = field(repr=False)
    url: str = field(default="", repr=False)


@transaction.atomic
def reveal(guarantee: Guarantee, *, actor: Actor, at: datetime, reason: str) -> Credential:
    """Show the key to someone who says why they need it; the showing is evidence (R124).

    Raises GuaranteeRefused without a reason or a right to see it, and when the key is not held any more.
    """
    if not permissions.may_handle(actor):
        raise GuaranteeRefused("認証キーを表示できる役割がありません。")
    if not permissions.can_reveal(actor, guarantee):
        raise GuaranteeRefused("この保証の認証キーは、保管していません。")
    if not reason.strip():
        raise GuaranteeRefused("認証キーを表示する理由を入力してください。")
    evidence.record(
        "guarantee.key_revealed",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        reason=reason.strip()[:REVEAL_REASON_LENGTH],
    )
    return credential_of(guarantee)


def credential_of(guarantee: Guarantee) -> Credential:
    """Open what is sealed, for a caller that has recorded why; raises GuaranteeRefused when it is not held."""
    if guarantee.sealed_key is None:
        raise GuaranteeRefused("この保証の認証キーは、保管していません。")
    key = fields.unseal(guarantee.sealed_key, tenant_id=guarantee.tenant_id, context=guarantee.key_context)
    if guarantee.sealed_url is None:
        return Credential(key)
    url = fields.unseal(guarantee.sealed_url, tenant_id=guarantee.tenant_id, context=guarantee.url_context)
    return Credential(key, url)


def forget(guarantee: Guarantee, *, at: datetime) -> None:
    """Erase the key of a guarantee that is in hand, without saving; the record of its checking stays."""
    if guarantee.sealed_key is not None or guarantee.sealed_url is not None:
        guarantee.sealed_key = guarantee.sealed_url = None
        guarantee.key_erased_at = at
