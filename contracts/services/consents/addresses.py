"""The authority's address: it answers once by a mail of its own, and may change after the consent (R44, R45)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import Case, Consent, ContractVersion, SigningLevel, SigningStep
from contracts.services import evidence, links
from contracts.services.consents import messages, standing
from contracts.services.editing import put
from contracts.services.signatures import codes, ending
from contracts.states import CaseState, ConsentState, StepState, VersionState

AUTHORITY_FIELDS = ("authority_company", "authority_title", "authority_name", "authority_email")


class AddressRefused(Refusal):
    """The address cannot be asked, confirmed or changed now."""


@transaction.atomic
def ask_again(consent: Consent, *, actor: Actor, at: datetime) -> Consent:
    """Send the question to the authority's address once more; the older link dies.

    Raises AddressRefused when nothing is open about the address.
    """
    consent = lock(consent)
    doors.check(permissions.can_register, actor)
    if not permissions.can_ask_address(actor, consent):
        raise AddressRefused("宛先の確認は、すでに済んでいます。画面を開き直してご確認ください。")
    standing.ask(consent, at=at)
    evidence.record(
        "consent.address_asked",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        to=consent.authority_email,
    )
    return consent


@transaction.atomic
def confirm(consent: Consent, *, actor: Actor, at: datetime, methods_agreed: bool = False) -> Consent:
    """Note that a person at the authority's address answered; doing it twice changes nothing.

    Whoever sent the form by mail has not been shown the methods yet: they agree to them here, or AddressRefused is
    raised (建設業法施行令5条の5). After a change of the authority the standing goes to the new address.
    """
    consent = lock(consent)
    doors.check(permissions.can_confirm_address, actor, consent)
    if consent.address_confirmed_at is not None:
        return consent
    if consent.methods_agreed_at is None and not methods_agreed:
        raise AddressRefused("電子契約の方法を確かめ、承諾の欄に印を付けてください。")
    if consent.methods_agreed_at is None:
        consent.methods_agreed_at = at
        consent.save(update_fields=["methods_agreed_at"])
    standing.answered(consent, at=at)
    evidence.record(
        "consent.address_confirmed",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        methods_agreed=methods_agreed,
    )
    return consent


@transaction.atomic
def correct(consent: Consent, *, actor: Actor, at: datetime, email: str, reason: str) -> Consent:
    """Put the authority's address right on a form that is not accepted yet, and ask the new address (R45).

    The form stays as it was submitted; the log keeps both addresses and the reason. Raises AddressRefused once the
    address has answered, for the same address, and without a reason.
    """
    consent = lock(consent)
    doors.check(permissions.can_register, actor)
    if consent.state != ConsentState.SUBMITTED or consent.address_confirmed_at is not None:
        raise AddressRefused("宛先の確認は、すでに済んでいます。画面を開き直してご確認ください。")
    if not reason.strip():
        raise AddressRefused("宛先を直す理由を入力してください。")
    before = standing.authority_of(consent)
    if not put(consent, {"authority_email": email}):
        raise AddressRefused("メールアドレスが変わっていません。")
    consent.save(update_fields=["authority_email"])
    links.revoke_of_consent(consent, at=at)
    standing.ask(consent, at=at)
    evidence.record(
        "consent.address_corrected",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        before=before,
        after=standing.authority_of(consent),
        reason=reason.strip(),
    )
    return consent


@transaction.atomic
def change_authority(
    consent: Consent,
    *,
    actor: Actor,
    at: datetime,
    answers: dict[str, str],
    reason: str,
    former_reached: bool = True,
) -> Consent:
    """Put a new authority or address on an accepted consent, as staff learned or the firm says itself (R44).

    The new address is asked to answer; until it does, nothing is sent for signature. The old address, if a mail ever
    reached it (`former_reached`), and the department are told. Raises AddressRefused while a contract is being
    approved, signed or sealed.
    """
    case, versions = ending.lock_with_versions(consent.case)
    _check_nothing_under_way(case, versions)
    consent = lock(consent)
    doors.check(permissions.can_change_authority, actor, consent)
    if not reason.strip():
        raise AddressRefused("契約締結権限者を変える理由を入力してください。")
    before, former = standing.authority_of(consent), (consent.authority_name, consent.authority_email)
    changes = put(consent, {name: answers[name] for name in AUTHORITY_FIELDS})
    if not changes:
        raise AddressRefused("内容が変わっていません。新しい契約締結権限者かメールアドレスを入力してください。")
    consent.address_confirmed_at, consent.authority_changed_at = None, at
    consent.save(update_fields=[*changes, "address_confirmed_at", "authority_changed_at"])
    links.revoke_of_consent(consent, at=at)
    messages.authority_changed(consent, former=former if former_reached else None, at=at)
    standing.ask(consent, at=at)
    evidence.record(
        "consent.authority_changed",
        case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        before=before,
        after=standing.authority_of(consent),
        reason=reason.strip(),
    )
    return consent


@transaction.atomic
def change_contact(consent: Consent, *, actor: Actor, at: datetime, email: str, reason: str) -> Consent:
    """Put another address of the firm's contact on an accepted consent: one-time codes go there.

    Only staff may: whoever reads the authority's mail must not choose where the second factor goes. The authority
    is told. A signature that waits for such a code gets its next one there; codes that were sent die. Raises
    AddressRefused for the authority's own address, and while a contract is being approved, signed or sealed otherwise.
    """
    case, versions = ending.lock_with_versions(consent.case)
    waiting = _steps_for_codes(consent, versions)
    if not waiting:
        _check_nothing_under_way(case, versions)
    consent = lock(consent)
    doors.check(permissions.can_change_contact, actor, consent)
    if not reason.strip():
        raise AddressRefused("変更の理由を入力してください。")
    if email.casefold() == consent.authority_email.casefold():
        raise AddressRefused("契約締結権限者とは別のメールアドレスを入力してください。")
    changes = put(consent, {"contact_email": email})
    if not changes:
        raise AddressRefused("メールアドレスが変わっていません。")
    consent.save(update_fields=["contact_email"])
    for step in waiting:
        step.second_email = email
        step.save(update_fields=["second_email"])
        codes.revoke_of_step(step, at=at)
    messages.contact_changed(consent, at=at)
    evidence.record(
        "consent.contact_changed",
        case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        changes=changes,
        reason=reason.strip(),
    )
    return consent


def _steps_for_codes(consent: Consent, versions: list[ContractVersion]) -> list[SigningStep]:
    """Find and lock the firm's signatures that are still to be given with a code from its second address."""
    sent = [version.pk for version in versions if version.state == VersionState.SENT]
    rows = SigningStep.unscoped.filter(version__in=sent, contractor=consent.contractor_id)
    open_ = rows.filter(level=SigningLevel.ONE_TIME_CODE, state__in=[StepState.WAITING, StepState.REQUESTED])
    return [lock(step) for step in open_.order_by("order")]


def _check_nothing_under_way(case: Case, versions: list[ContractVersion]) -> None:
    if case.state in {CaseState.PAPER, CaseState.LAPSED}:
        raise AddressRefused("この案件は契約の手続きを終えています。")
    if any(version.state != VersionState.DRAFT for version in versions):
        raise AddressRefused(
            _(
                "契約の手続きの途中のため、変えられません。"
                "署名の依頼中は担当課が署名者を変更し、終わってからはこの画面で変更します。"
            )
        )
