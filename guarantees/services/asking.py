"""A guarantor that can be asked is asked for the certificate, sealed; every asking is evidence, answered or not."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts.services import evidence
from guarantees import permissions
from guarantees.models import CredentialKind, FactsSource, Guarantee, Institution
from guarantees.registry import (
    GuaranteeRegistry,
    RegistryLocked,
    RegistryRefused,
    RegistryUnavailable,
    Viewed,
)
from guarantees.registry.http import HttpRegistry
from guarantees.rules.shown import Seal, Shown
from guarantees.services import checking, revealing, screens
from guarantees.services.refusals import GuaranteeRefused
from signing import setup
from signing.results import Verdict
from vault import fields

SEALS = {
    Verdict.VALID: Seal.HOLDS,
    Verdict.INDETERMINATE: Seal.UNKNOWN,
    Verdict.INVALID: Seal.BROKEN,
    Verdict.UNSIGNED: Seal.ABSENT,
}
OUTCOMES = {RegistryLocked: "locked", RegistryRefused: "refused", RegistryUnavailable: "unavailable"}


@dataclass(frozen=True)
class Answer:
    """What became of an asking: the guarantee as it stands, and why nothing was shown ("" when it was)."""

    guarantee: Guarantee
    why_not: str = ""


def can_be_asked(guarantee: Guarantee) -> bool:
    """Tell whether the guarantor of this certificate answers number and key over HTTP, and the key is still held."""
    institution = guarantee.institution
    return bool(
        institution
        and institution.registry_url
        and institution.sealed_registry_token
        and guarantee.credential == CredentialKind.KEY
        and guarantee.sealed_key
    )


@sensitive_variables("token")
def registry_of(institution: Institution) -> GuaranteeRegistry:
    """Give the registry of a guarantor, with the token it gave the city."""
    assert institution.sealed_registry_token is not None  # noqa: S101 - can_be_asked が確かめた
    token = fields.unseal(
        institution.sealed_registry_token, tenant_id=institution.tenant_id, context=institution.token_context
    )
    return HttpRegistry(institution.registry_url, token, setup.trust())


@sensitive_variables("credential")
def ask(guarantee: Guarantee, *, actor: Actor, at: datetime, registry: GuaranteeRegistry | None = None) -> Answer:
    """Ask the guarantor for the certificate, keep its PDF, judge its seal and compare it with the contract.

    A refusal of the guarantor is evidence too and comes back as an Answer: wrong keys are counted over there. Raises
    GuaranteeRefused when the guarantee cannot be checked now, or its guarantor cannot be asked.
    """
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    institution = guarantee.institution
    if registry is None and not can_be_asked(guarantee):
        raise GuaranteeRefused("この保証は、保証機関への照会ができません。保証確認サービスの画面で閲覧してください。")
    credential = revealing.credential_of(guarantee)
    assert institution is not None  # noqa: S101 - 届いた保証には必ずある
    asked = registry or registry_of(institution)
    try:
        viewed = asked.view(number=guarantee.number, key=credential.key)
    except (RegistryRefused, RegistryUnavailable) as refused:
        _record(guarantee, actor=actor, at=at, outcome=OUTCOMES[type(refused)], reason=str(refused))
        return Answer(guarantee, str(refused))
    try:
        return Answer(_take(guarantee, viewed, actor=actor, at=at))
    except Refusal as refused:
        _record(guarantee, actor=actor, at=at, outcome="unreadable", reason=str(refused))
        return Answer(guarantee, str(refused))


@transaction.atomic
def _take(guarantee: Guarantee, viewed: Viewed, *, actor: Actor, at: datetime) -> Guarantee:
    shown = Shown(SEALS[viewed.seal.verdict], viewed.signer, viewed.standing.value, viewed.standing.label)
    screens.keep_screen(guarantee, content=viewed.pdf, actor=actor, at=at)
    checked = checking.check(
        guarantee, actor=actor, at=at, facts=viewed.facts, source=FactsSource.REGISTRY, shown=shown
    )
    _record(
        checked,
        actor=actor,
        at=at,
        outcome="shown",
        seal=viewed.seal.verdict,
        signer=viewed.signer,
        standing=viewed.standing,
        sha256=viewed.seal.sha256,
    )
    return checked


def _record(guarantee: Guarantee, *, actor: Actor, at: datetime, **data: object) -> None:
    subject = f"guarantee:{guarantee.pk}"
    evidence.record(
        "guarantee.asked",
        guarantee.case,
        subject=subject,
        actor=actor,
        at=at,
        institution=str(guarantee.institution),
        **data,
    )
