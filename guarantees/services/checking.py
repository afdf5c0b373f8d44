"""A certificate is compared with its contract; the comparison is kept with who looked, and when (R91)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from contracts.services import evidence
from guarantees import permissions
from guarantees.facts import CertificateFacts
from guarantees.models import FactsSource, Guarantee
from guarantees.rules import checks
from guarantees.rules.lines import Finding, Line
from guarantees.rules.shown import SEAL, STANDING, Shown
from guarantees.services import expecting, matching
from guarantees.services.locking import lock_in_case
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
    by_eye: Collection[str] = (),
    shown: Shown | None = None,
) -> Guarantee:
    """Keep what was read on the certificate and compare it with the contract, line by line (R91).

    `by_eye` names the facts that a person found to read like the contract; `shown` is what the guarantor's register
    added. Raises GuaranteeRefused when the guarantee cannot be checked now.
    """
    guarantee = lock_in_case(guarantee)
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    if not facts.amount or facts.amount <= 0:
        raise GuaranteeRefused("保証金額は1円以上で入力してください。")
    guarantee.facts, guarantee.facts_source = facts.to_json(), source
    guarantee.guaranteed_amount = facts.amount
    guarantee.checked_by_id, guarantee.checked_at = actor.user_id, at
    expecting.follow_rules(guarantee)
    lines = compared(guarantee, facts=facts, at=at, by_eye=by_eye, shown=shown)
    _conclude(guarantee, [line.to_dict() for line in lines])
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
        facts=guarantee.facts,
        findings=guarantee.findings,
    )
    return guarantee


def compared(
    guarantee: Guarantee,
    *,
    facts: CertificateFacts,
    at: datetime,
    by_eye: Collection[str] = (),
    shown: Shown | None = None,
) -> tuple[Line, ...]:
    """Compare facts with the contract as it stands and the amounts as they are expected; nothing is kept."""
    expected = matching.expected(guarantee, on=timezone.localdate(at))
    return checks.compare(guarantee.notice_facts, facts, expected, by_eye=by_eye, shown=shown)


def compare_again(guarantee: Guarantee, *, at: datetime) -> None:
    """Compare the kept facts with the contract as both stand now, without saving; move it to the outcome.

    What the guarantor's register said at the time stands; what a person had settled is to be settled anew.
    """
    before = guarantee.findings
    by_eye = {line["name"] for line in before if line["by_eye"]}
    expecting.follow_rules(guarantee)
    lines = compared(guarantee, facts=guarantee.certificate_facts, at=at, by_eye=by_eye)
    shown = [line for line in before if line["name"] in {SEAL, STANDING}]
    _conclude(guarantee, [line.to_dict() for line in lines] + shown)


def _conclude(guarantee: Guarantee, findings: list[dict[str, Any]]) -> None:
    """Keep the findings and move to the outcome; what is only unsure is for a person to decide."""
    guarantee.findings = findings
    short = any(line["outcome"] == Finding.SHORT for line in findings)
    to = GuaranteeState.CHECKED_NG if short else GuaranteeState.CHECKED_OK
    if guarantee.state != to:
        guarantee.move_to(to)
