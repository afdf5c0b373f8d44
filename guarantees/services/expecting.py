"""Which guarantees a case must have, of which amount, and which row a certificate answers."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import rules as city_rules
from contracts.models import Case
from contracts.services import evidence
from contracts.services.cases import registering
from contracts.states import CaseState
from guarantees import permissions
from guarantees.advances import account
from guarantees.models import Completion, Guarantee, GuaranteeType
from guarantees.rules import amounts
from guarantees.services.refusals import GuaranteeRefused
from guarantees.states import GuaranteeState

NO_CONTRACT = "保証は、契約が成立してから登録できます。"
COMPLETED = "工事の完成が登録されているため、保証の登録は終わりました。"


def verdict(case: Case) -> city_rules.Verdict:
    """Judge whether the city takes an electronic guarantee for this case, on paper or not (R95, R112, R114)."""
    return city_rules.guarantee_verdict(case.rule_set.data, registering.facts_of(case))


def has_contract(case: Case) -> bool:
    """Tell whether the case has its contract, electronic or on paper (R95)."""
    return case.state in {CaseState.CONCLUDED, CaseState.PAPER}


def why_not(case: Case, *, completed: bool | None = None) -> str:
    """Say why no electronic guarantee can be registered for this case now; nothing when it can.

    Who knows already whether the works are completed says so, and it is not asked for.
    """
    if not has_contract(case):
        return NO_CONTRACT
    if Completion.unscoped.filter(case=case).exists() if completed is None else completed:
        return COMPLETED
    found = verdict(case)
    return "" if found.eligible else f"この案件は電子保証の対象外です。{found.decided_by}"


def is_asked_for(case: Case) -> bool:
    """Tell whether the city asks for a 契約保証 at the price the case has now, and takes it electronically."""
    taken = case.rule_set.data["guarantee"]["types"]
    return GuaranteeType.CONTRACT in taken and not bounds(case, type_=GuaranteeType.CONTRACT).why_not


@transaction.atomic
def want(case: Case, *, type_: str, actor: Actor, at: datetime) -> Guarantee:
    """Say that a guarantee is wanted that the contract alone does not call for: an 前払金保証, one more 契約保証.

    Raises GuaranteeRefused when the city does not take it for this case, or one of the type is already awaited.
    """
    doors.check(permissions.may_handle, actor)
    check_case(case, type_=type_)
    if Guarantee.unscoped.filter(case=case, type=type_, state=GuaranteeState.EXPECTED).exists():
        raise GuaranteeRefused(f"{GuaranteeType(type_).label}の提出を、すでに待っています。")
    return expect(case, type_=type_, actor=actor, at=at)


def check_case(case: Case, *, type_: str) -> None:
    """Raise GuaranteeRefused, with the reason, when the city takes no electronic guarantee of the type for the case."""
    if reason := why_not(case):
        raise GuaranteeRefused(reason)
    try:
        city_rules.route(case.rule_set.data, type_)
    except city_rules.GuaranteeRefused as refused:
        raise GuaranteeRefused(str(refused)) from refused


def bounds(case: Case, *, type_: str) -> amounts.Bounds:
    """Reckon the fitting amounts of a type for the price and the days the case has now, by the city's rules (§2.5)."""
    return account.of(case).bounds(type_)


def follow_rules(guarantee: Guarantee) -> amounts.Bounds:
    """Expect of a guarantee, without saving it, what the rules ask for now; nothing where they ask for none."""
    found = bounds(guarantee.case, type_=guarantee.type)
    guarantee.expected_minimum = found.minimum
    guarantee.expected_maximum = None if found.why_not else found.maximum
    return found


def expected_amounts(guarantee: Guarantee) -> tuple[int, int | None]:
    """Return the least and the greatest fitting amount in yen, as it was expected."""
    return guarantee.expected_minimum, guarantee.expected_maximum


def need(case: Case, *, type_: str, at: datetime, amends: Guarantee | None = None) -> Guarantee:
    """Make, without saving it, the row of a guarantee that the case must have."""
    guarantee = Guarantee(tenant_id=case.tenant_id, case=case, type=type_, amends=amends, expected_at=at)
    follow_rules(guarantee)
    return guarantee


def expect(case: Case, *, type_: str, actor: Actor, at: datetime, amends: Guarantee | None = None) -> Guarantee:
    """Open the need of a guarantee; `amends` names the one that a change certificate is to replace (R106)."""
    guarantee = need(case, type_=type_, at=at, amends=amends)
    guarantee.save()
    evidence.record(
        "guarantee.expected",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        type=type_,
        minimum=guarantee.expected_minimum,
        maximum=guarantee.expected_maximum,
        amends=guarantee.amends_id,
        delta=guarantee.delta,
    )
    return guarantee


def awaited(case: Case, *, type_: str, at: datetime, number: str = "") -> Guarantee:
    """Find the need that a certificate answers, locked until the transaction ends; a new one where nobody waits.

    A change certificate may bear the number of the one it changes: then that need is meant, and else the oldest.
    Raises GuaranteeRefused once the works are completed; the case stays locked, so that nobody completes meanwhile.
    """
    lock(case)
    if Completion.unscoped.filter(case=case).exists():
        raise GuaranteeRefused(COMPLETED)
    rows = Guarantee.unscoped.select_for_update(of=("self",), no_key=True).select_related("amends")
    waiting = list(rows.filter(case=case, type=type_, state=GuaranteeState.EXPECTED).order_by("pk"))
    same = [row for row in waiting if number and row.amends is not None and row.amends.number == number]
    found: Guarantee = next(iter(same or waiting), None) or need(case, type_=type_, at=at)
    found.case = case
    return found
