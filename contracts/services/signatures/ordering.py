"""Who signs in which order: the firms of the contractor's side, a contact first where the city wants it, the city."""

from functools import partial

from accounts.refusals import Refusal
from contracts import rules
from contracts.models import (
    Case,
    Consent,
    Contractor,
    ContractVersion,
    JvMember,
    Party,
    SigningLevel,
    SigningStep,
    StepKind,
)
from contracts.services.signatures.people import signatory_title
from contracts.states import ConsentState


class OrderingRefused(Refusal):
    """The order of signatures cannot be written down yet."""


def firms_of(case: Case) -> list[Contractor]:
    """List the firms that contract: the members of a joint venture in their order, or the one contractor."""
    if not case.contractor.is_joint_venture:
        return [case.contractor]
    places = JvMember.unscoped.filter(joint_venture=case.contractor).select_related("member").order_by("order")
    return [place.member for place in places]


def representative_of(case: Case) -> Contractor:
    """Give the firm that speaks for the contractor's side: the representative member (代表構成員), or the one firm."""
    if not case.contractor.is_joint_venture:
        return case.contractor
    place = JvMember.unscoped.select_related("member").get(joint_venture=case.contractor, is_representative=True)
    return place.member  # type: ignore[no-any-return]


def accepted_consents(case: Case) -> dict[int, Consent]:
    """Map each firm to its accepted consent; amendments inherit those of the original contract (R44)."""
    rows = Consent.unscoped.filter(case=case, state=ConsentState.ACCEPTED)
    return {consent.contractor_id: consent for consent in rows}


def order_signatures(version: ContractVersion) -> None:
    """Write the version's steps down, in the order of the city's rules (R58; JV: §2.1)."""
    case = version.contract.case
    consents = accepted_consents(case)
    number = 0
    for place in rules.signing_order(case.rule_set.data, joint_venture=case.contractor.is_joint_venture):
        for step in _steps(place, case=case, consents=consents, version=version):
            number += 1
            step.version, step.tenant_id, step.order = version, version.tenant_id, number
            step.save(force_insert=True)


def level_of(version: ContractVersion) -> SigningLevel:
    """Tell how the contractor's signers will be known: as the rules ask at least, or stronger as the drafter chose."""
    least = rules.signing_level(version.case.rule_set.data, amount=version.amount)
    return SigningLevel(rules.strongest(least, version.level))


def _second_email(consent: Consent) -> str:
    """Give the address to which one-time codes go; raises OrderingRefused when the firm gave no second one."""
    if consent.contact_email.casefold() in {"", consent.authority_email.casefold()}:
        raise OrderingRefused(
            f"{consent.company_name}の承諾書に、署名する方とは別のメールアドレスがないため、ワンタイムコードを送れません。"
            "承諾書の画面で契約事務担当者のメールアドレスを登録してから、もう一度依頼してください。"
        )
    return consent.contact_email


def _steps(place: str, *, case: Case, consents: dict[int, Consent], version: ContractVersion) -> list[SigningStep]:
    if place == "city":
        return [_city_step(version)]
    representative = representative_of(case)
    firms = {
        "contractor": [representative],
        "contact": [representative],
        "representative": [representative],
        "members": [firm for firm in firms_of(case) if firm.pk != representative.pk],
    }[place]
    make = _confirming if place == "contact" else partial(_signing, level=level_of(version))
    return [step for firm in firms if (step := make(firm, consents[firm.pk])) is not None]


def _signing(firm: Contractor, consent: Consent, *, level: SigningLevel) -> SigningStep:
    return SigningStep(
        party=Party.CONTRACTOR,
        contractor=firm,
        name=consent.authority_name,
        title=consent.authority_title,
        email=consent.authority_email,
        level=level,
        second_email=_second_email(consent) if level == SigningLevel.ONE_TIME_CODE else "",
    )


def _confirming(firm: Contractor, consent: Consent) -> SigningStep | None:
    """Ask the firm's contact to look first (二つの宛先の承諾書); nobody when no address was given."""
    if not consent.contact_email:
        return None
    return SigningStep(
        kind=StepKind.CONFIRM,
        party=Party.CONTRACTOR,
        contractor=firm,
        name=consent.contact_name,
        title=consent.contact_title,
        email=consent.contact_email,
    )


def _city_step(version: ContractVersion) -> SigningStep:
    return SigningStep(
        party=Party.CITY,
        name=version.signatory.name,
        title=signatory_title(version.signatory, tenant_id=version.tenant_id),
        email=version.signatory.email,
        user=version.signatory,
    )
