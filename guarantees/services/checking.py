"""A certificate is compared with its contract; the comparison is kept with who looked, and when (R91)."""

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts.models import Case
from contracts.services import evidence
from guarantees import permissions, rules
from guarantees.facts import CertificateFacts
from guarantees.models import FactsSource, Guarantee
from guarantees.services import expecting
from guarantees.services.refusals import GuaranteeRefused
from guarantees.states import GuaranteeState


@transaction.atomic
def check(
    guarantee: Guarantee,
    *,
    actor: Actor,
    at: datetime,
    facts: CertificateFacts,
    source: FactsSource = FactsSource.TYPED,
) -> Guarantee:
    """Record what was read on the certificate in the viewing service and compare it with the contract (R91)."""
    guarantee = lock(guarantee)
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    if not facts.amount or facts.amount <= 0:
        raise GuaranteeRefused("保証金額は1円以上で入力してください。")
    guarantee.facts, guarantee.facts_source = facts.to_json(), source
    guarantee.guaranteed_amount = facts.amount
    guarantee.checked_by_id, guarantee.checked_at = actor.user_id, at
    compare(guarantee)
    guarantee.save()
    evidence.record(
        "guarantee.checked",
        guarantee.case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        outcome=guarantee.state,
        guaranteed_amount=facts.amount,
        source=source,
        findings=guarantee.findings,
    )
    return guarantee


def compare(guarantee: Guarantee) -> None:
    """Compare the facts of a guarantee with its contract as both stand now, without saving; move it to the outcome."""
    facts = guarantee.certificate_facts
    assert facts.amount is not None  # noqa: S101 - 照合した保証には必ずある
    assert facts.guaranteed_until is not None  # noqa: S101
    certificate = rules.CertificateFacts(
        facts.beneficiary or "", facts.work_title or "", facts.amount, facts.guaranteed_until
    )
    expecting.follow_rules(guarantee)
    minimum, maximum = expecting.expected_amounts(guarantee)
    lines = rules.compare(certificate, contract_facts(guarantee.case), minimum=minimum, maximum=maximum)
    guarantee.findings = [line.to_dict() for line in lines]
    to = GuaranteeState.CHECKED_OK if rules.passes(lines) else GuaranteeState.CHECKED_NG
    if guarantee.state != to:
        guarantee.move_to(to)


def contract_facts(case: Case) -> rules.ContractFacts:
    """Say what the contract says, in the terms of the comparison."""
    city = case.tenant
    names = (city.addressee, city.name, f"{city.mayor_title}{city.mayor_name}")
    return rules.ContractFacts(names, case.title, case.amount, case.work_ends_date)
