"""What amounts are reckoned from where it is not simply the price: a part of it (対象額), a low bid (§2.5, R104)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import rules as city_rules
from contracts.models import Case
from contracts.services import evidence
from guarantees.advances.services import refunding
from guarantees.advances.services.refusals import AdvanceRefused, check_case
from guarantees.models import AdvanceBasis, Guarantee, GuaranteeType
from guarantees.permissions import may_handle
from guarantees.services import changing, expecting
from guarantees.states import HELD


@transaction.atomic
def set_basis(case: Case, *, actor: Actor, at: datetime, base_price: int | None, is_low_price: bool) -> AdvanceBasis:
    """Set the part of the price that advances are reckoned from (yen; None for the whole), and whether it was low.

    What guarantees are expected to cover follows at once. Raises AdvanceRefused where the city's rules know no such
    part or no figures for a low bid.
    """
    doors.check(may_handle, actor)
    case = lock(case, "rule_set", "tenant", "contractor")
    check_case(case)
    _check(case, base_price=base_price, is_low_price=is_low_price)
    facts = {"price": case.amount, "base_price": base_price, "is_low_price": is_low_price}
    basis = AdvanceBasis.unscoped.filter(case=case).first() or AdvanceBasis(tenant_id=case.tenant_id, case=case)
    since = basis.changed_date or timezone.localdate(at)
    basis.price, basis.base_price, basis.is_low_price = case.amount, base_price, is_low_price
    basis.changed_date, basis.set_by_id, basis.set_at = None, actor.user_id, at
    basis.save()
    changing.follow(case, actor=actor, at=at)
    refunding.settle(case, since=since, actor=actor, at=at)
    evidence.record("advance.basis_set", case, subject=f"case:{case.pk}", actor=actor, at=at, **facts)
    return basis


@transaction.atomic
def ask_for_cover(case: Case, *, actor: Actor, at: datetime, kind: str) -> Guarantee:
    """Ask for the guarantee that the next claim of a kind needs: a new one, or a change of the one that is held."""
    doors.check(may_handle, actor)
    case = lock(case, "rule_set", "tenant", "contractor")
    check_case(case)
    rows = Guarantee.unscoped.filter(case=case, type=kind, state__in=HELD)
    held = rows.order_by("pk").last()
    if held is None:
        return expecting.want(case, type_=kind, actor=actor, at=at)
    if held.amendments.exclude(state__in=["rejected", "not_needed"]).exists():
        raise AdvanceRefused(f"{GuaranteeType(kind).label}の変更を、すでに求めています。証書の提出をお待ちください。")
    return expecting.expect(case, type_=kind, actor=actor, at=at, amends=held)


def _check(case: Case, *, base_price: int | None, is_low_price: bool) -> None:
    terms = city_rules.guarantee_terms(case.rule_set.data, case.kind)
    if base_price is not None and not terms.may_be_part:
        raise AdvanceRefused("規程では、前払金の割合を請負代金額の全体にかけます。対象額は定められません。")
    if base_price is not None and not 0 < base_price <= case.amount:
        raise AdvanceRefused("対象額は、1円以上、請負代金額以下で入力してください。")
    if is_low_price and not terms.low_price_percents:
        raise AdvanceRefused("規程に、低入札の契約の割合がありません。")
