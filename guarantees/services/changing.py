"""A change of the contract changes what its guarantee must cover; a change of the days alone does not (R106, §2.5)."""

from datetime import date, datetime

from accounts.actors import Actor
from contracts.models import Case
from contracts.services import evidence
from guarantees import states
from guarantees.models import Guarantee, GuaranteeType
from guarantees.services import archiving, checking, expecting, inviting
from guarantees.states import GuaranteeState

SETTLED = "契約の変更により、この保証の提出は要らなくなりました。"


def on_amended(case: Case, day: date, actor: Actor, at: datetime) -> None:  # noqa: ARG001
    """Follow an amendment; a change of the 工期 alone, or a correction, leaves the price, and so everything."""
    follow(case, actor=actor, at=at)


def follow(case: Case, *, actor: Actor, at: datetime) -> None:
    """Expect a change certificate where the price, or what is reckoned from it, asks for one, with the missing yen.

    What was expected but has not been accepted yet follows the amounts of now.
    """
    if expecting.why_not(case):
        return
    rows = Guarantee.unscoped.select_for_update(of=("self",), no_key=True).filter(case=case).select_related("amends")
    living = list(rows.filter(state__in=states.UNSETTLED | states.HELD).order_by("pk"))
    amending = {row.amends_id for row in living}
    for row in living:
        row.case = case
        if row.state in states.UNSETTLED:
            _follow(row, actor=actor, at=at)
        elif row.pk not in amending and _must_change(row):
            need = expecting.expect(case, type_=row.type, actor=actor, at=at, amends=row)
            inviting.ask_for_change(need, at=at)
    # 契約保証を求めない額だった契約が、求める額になった
    had = Guarantee.unscoped.filter(case=case, type=GuaranteeType.CONTRACT).exists()
    if expecting.is_asked_for(case) and not had:
        expecting.expect(case, type_=GuaranteeType.CONTRACT, actor=actor, at=at)


def supersede(before: Guarantee) -> None:
    """Let a guarantee be the one before: its change certificate is accepted in the same transaction."""
    before.move_to(GuaranteeState.CHANGED)
    before.save(update_fields=["state"])
    archiving.follow(before)


def _must_change(held: Guarantee) -> bool:
    """Tell whether the 契約保証 covers less than the new price asks for, or may be lowered with it.

    What an advance needs follows from whether more is paid or some paid back, which is told apart from here.
    """
    if held.type != GuaranteeType.CONTRACT or held.guaranteed_amount is None:
        return False
    minimum = expecting.bounds(held.case, type_=held.type).minimum
    fell = minimum < held.expected_minimum
    return minimum != held.expected_minimum and (fell or held.guaranteed_amount < minimum)


def _follow(row: Guarantee, *, actor: Actor, at: datetime) -> None:
    """Let what is not decided yet be expected at the new price; what was checked is compared again."""
    expected = expecting.expected_amounts(row)
    found = expecting.follow_rules(row)
    if expected == expecting.expected_amounts(row):
        return
    outcome = row.state
    if row.state == GuaranteeState.EXPECTED and (row.delta == 0 or found.why_not):
        row.move_to(GuaranteeState.NOT_NEEDED)
        row.decided_at, row.reason = at, SETTLED
    elif row.state in {GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG}:
        checking.compare_again(row, at=at)
    row.save()
    evidence.record(
        "guarantee.need_changed",
        row.case,
        subject=f"guarantee:{row.pk}",
        actor=actor,
        at=at,
        minimum=row.expected_minimum,
        maximum=row.expected_maximum,
        delta=row.delta,
        outcome="" if row.state == outcome else row.state,
    )
