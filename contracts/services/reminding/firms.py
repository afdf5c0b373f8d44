"""What the contractor's side has not answered yet: the consent form, and the request to sign."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Max, OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from contracts import rules
from contracts.dates import wareki
from contracts.models import (
    AccessLink,
    Case,
    Consent,
    ConsentSubmission,
    Contract,
    Party,
    Purpose,
    SigningStep,
    StepKind,
)
from contracts.services.reminding.desk import FIRM, Desk, heading
from contracts.states import OPEN_CASES, ConsentState, StepState
from notifications.reminders.planning import Shift
from notifications.reminders.registry import Item

SIGN, CONFIRM = "契約書の内容を確認し、署名してください。", "契約書の内容をご確認ください。"
TO_ANSWER = (ConsentState.INVITED, ConsentState.RETURNED)


def items(desk: Desk) -> Iterator[Item]:
    """Find what waits for an answer of the firms."""
    if desk.wanted("consent"):
        for consent in _consents(desk):
            yield from _of_consent(desk, consent)
    if desk.wanted("step"):
        for step in _requests(desk):
            yield from _of_request(desk, step)


def _consents(desk: Desk) -> Any:
    """Query the consents that wait for a firm, each with the address asked last, and when that was."""
    asked = AccessLink.unscoped.filter(consent=OuterRef("pk"), purpose=Purpose.CONSENT).order_by("-made_at", "-pk")
    returns = ConsentSubmission.unscoped.filter(consent=OuterRef("pk")).order_by().values("consent")
    returned = Subquery(returns.annotate(day=Max("returned_at")).values("day"), output_field=DateTimeField())
    rows = Consent.unscoped.filter(tenant=desk.city, state__in=TO_ANSWER, case__state__in=OPEN_CASES)
    found = desk.asked(rows, "consent").annotate(
        asked_to=Subquery(asked.values("email")[:1]),
        asked_at=Greatest(Subquery(asked.values("made_at")[:1]), returned),
    )
    found = found.filter(asked_at__isnull=False).select_related("case__registered_by", "contractor")
    return found.defer("case__econtract_verdict", "notes", "methods").order_by("pk")


def _of_consent(desk: Desk, consent: Any) -> Iterator[Item]:
    case, said, within = consent.case, desk.rules_of(consent.case), desk.asking.planned
    subject, asked = f"consent:{consent.pk}", timezone.localdate(consent.asked_at)
    planned = rules.waiting_days(said, "consent", since=asked, within=within, until=case.conclusion_deadline_date)
    wish = f"{wareki(asked)}にお願いした電子契約利用承諾書を、まだ受け取っていません。"
    firm = {"subject": subject, "to": consent.asked_to or "", "name": consent.contractor.full_name, "digest": FIRM}
    yield from _urged(desk, case, "電子契約利用承諾書をご提出ください。", firm)
    yield desk.about(case, rule="consent", planned=planned, shift=Shift.AFTER, why=wish, **firm)
    yield from desk.tell_staff(
        case,
        desk.people(case),
        rule="consent",
        subject=subject,
        planned=planned,
        shift=Shift.AFTER,
        why=f"{consent.contractor.full_name}から承諾書が届いていません（{wareki(asked)}に依頼）。",
    )


def _requests(desk: Desk) -> Any:
    """Query the steps of the contractor's side whose turn it is, with the moment at which their link dies."""
    alive = AccessLink.unscoped.filter(step=OuterRef("pk"), purpose=Purpose.SIGN, revoked_at__isnull=True)
    rows = SigningStep.unscoped.filter(tenant=desk.city, party=Party.CONTRACTOR, state=StepState.REQUESTED)
    found = desk.asked(rows, "step").annotate(
        link_ends=Subquery(alive.order_by("-expires_at").values("expires_at")[:1], output_field=DateTimeField())
    )
    found = found.select_related("version__drafted_by", "version__contract__case__registered_by")
    return found.defer("version__terms", "version__contract__case__econtract_verdict").order_by("pk")


def _of_request(desk: Desk, step: Any) -> Iterator[Item]:
    contract, case = step.version.contract, step.version.contract.case
    deed = CONFIRM if step.kind == StepKind.CONFIRM else SIGN
    subject = f"step:{step.pk}"
    firm = {"subject": subject, "to": step.email, "name": step.name, "digest": FIRM}
    if contract.is_original and case.state in OPEN_CASES:
        yield from _urged(desk, case, deed, firm)
    if step.opened_at is not None or step.link_ends is None:
        return
    asked = timezone.localdate(step.requested_at)
    planned = rules.waiting_days(desk.rules_of(case), "unopened", since=asked, within=desk.asking.planned)
    what = {"rule": "unopened", "planned": planned, "shift": Shift.AFTER, "until": step.link_ends}
    what |= _limit(step, contract)
    wish = f"{wareki(asked)}にお送りした署名のお願いが、まだ開かれていません。{deed}"
    yield desk.about(case, why=wish, **what, **firm)
    people = desk.people(case, step.version.drafted_by)
    silence = f"{step.name} 様が、{wareki(asked)}の署名の依頼をまだ開いていません。宛先は {step.email} です。"
    yield from desk.tell_staff(case, people, subject=subject, why=silence, **what)


def _limit(step: Any, contract: Contract) -> dict[str, Any]:
    """Name the day that a request ends on where the case has no deadline for it: that of a change has passed."""
    if contract.is_original and contract.case.conclusion_deadline_date is not None:
        return {}
    # リンクが切れる瞬間は、その日の終わり（翌日の0時）のことがある
    last = timezone.localdate(step.link_ends - timedelta(seconds=1))
    return {"heading": heading(contract.case, contract), "by": last, "by_label": "署名の期限"}


def _urged(desk: Desk, case: Case, deed: str, firm: dict[str, Any]) -> Iterator[Item]:
    """Yield the daily word to a firm on the days on which the staff have theirs."""
    day = case.conclusion_deadline_date
    if day is None:
        return
    said, within = desk.rules_of(case), desk.asking.planned
    planned = rules.deadline_days(said, awarded=case.awarded_date, deadline=day, within=within)
    yield desk.about(case, rule="deadline_firm", planned=planned, shift=Shift.BEFORE, why=deed, **firm)
