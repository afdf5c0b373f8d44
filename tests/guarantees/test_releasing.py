"""Paper and cash are recorded, guarantees go back, and the keys are erased at the city's term; the checks stay."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from guarantees import services, tasks
from guarantees.models import Completion, Guarantee, PaperKind
from guarantees.services import GuaranteeRefused, releasing
from guarantees.states import GuaranteeState
from tests import factories
from tests.guarantees.conftest import KEY, checked, contracted, officer, submitted

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def accepted(case, **values) -> Guarantee:
    return services.accept(checked(submitted(case, **values)), actor=officer(case.tenant), at=timezone.now())


def complete(case, *, days_ago: int = 0) -> Completion:
    day = TODAY() - timedelta(days=days_ago)
    return services.complete(case, actor=officer(case.tenant), at=timezone.now(), completed_date=day)


def paper(case, **values) -> Guarantee:
    typed = {"type_": "contract", "paper_kind": PaperKind.BANK, "amount": 10_000_000, "guarantor": "みずほ銀行"}
    return services.receive_paper(case, actor=officer(case.tenant), at=timezone.now(), **(typed | values))


def test_a_bank_guarantee_on_paper_answers_the_need_and_has_no_key(case):
    need = Guarantee.unscoped.get(case=case)

    held = paper(case, number="銀-1", guaranteed_until=case.work_ends_date)

    assert (held.pk, held.state, held.guaranteed_amount) == (need.pk, GuaranteeState.PAPER, 10_000_000)
    assert (held.credential, held.sealed_key, held.warnings) == ("none", None, [])
    assert held.certificate_facts.guarantor == "みずほ銀行"
    assert held.certificate_facts.guaranteed_until == case.work_ends_date


def test_a_paper_guarantee_short_by_one_yen_is_noted(case):
    assert paper(case, amount=9_999_999).warnings == ["必要な額 10,000,000円 に 1円 足りません。"]


def test_cash_needs_no_guarantor_and_secures_only_the_contract(case):
    assert paper(case, paper_kind=PaperKind.CASH, guarantor="").state == GuaranteeState.PAPER
    with pytest.raises(GuaranteeRefused, match="現金で納められるのは、契約保証金だけ"):
        paper(case, type_="advance", paper_kind=PaperKind.CASH)


@pytest.mark.parametrize(
    ("values", "said"),
    [({"guarantor": "　"}, "保証する機関の名称"), ({"amount": 0}, "1円以上")],
)
def test_a_paper_record_that_cannot_be_one_is_refused(case, values, said):
    with pytest.raises(GuaranteeRefused, match=said):
        paper(case, **values)


def test_paper_is_recorded_even_where_the_case_takes_no_electronic_guarantee(db):
    case = contracted(kind="maintenance")
    assert services.why_not(case)

    assert paper(case).state == GuaranteeState.PAPER


def test_the_completion_gives_back_what_is_held_and_awaits_nothing_more(case):
    advance, need = accepted(case), Guarantee.unscoped.get(case=case, state=GuaranteeState.EXPECTED)

    complete(case)

    advance.refresh_from_db()
    need.refresh_from_db()
    assert (advance.state, need.state) == (GuaranteeState.RELEASED, GuaranteeState.NOT_NEEDED)
    assert advance.released_at
    assert Event.objects.of_thread(case.tenant_id, case.thread).filter(action="guarantee.completed").count() == 1


def test_nothing_is_completed_while_a_guarantee_waits_for_its_decision(case):
    submitted(case)

    with pytest.raises(GuaranteeRefused, match="決定を待っている保証があります"):
        complete(case)
    assert not Completion.unscoped.exists()


def test_a_completion_is_recorded_once_never_ahead_of_its_day_and_only_with_a_contract(case):
    with pytest.raises(GuaranteeRefused, match="先の日付"):
        complete(case, days_ago=-1)
    complete(case)
    with pytest.raises(GuaranteeRefused, match="すでに登録されています"):
        complete(case)
    with pytest.raises(GuaranteeRefused, match="契約が成立していない"):
        complete(factories.case(case.tenant))


def test_nothing_is_handed_in_expected_or_received_after_the_completion(case):
    complete(case)

    said = "工事の完成が登録されているため"
    assert said in services.why_not(case)
    with pytest.raises(GuaranteeRefused, match=said):
        submitted(case)
    with pytest.raises(GuaranteeRefused, match=said):
        services.want(case, type_="advance", actor=officer(case.tenant), at=timezone.now())
    with pytest.raises(GuaranteeRefused, match=said):
        paper(case)


def test_only_those_who_receive_guarantees_record_a_completion_or_paper(case):
    auditor, at = factories.staff(case.tenant, Role.AUDITOR), timezone.now()

    with pytest.raises(PermissionDenied):
        services.complete(case, actor=auditor, at=at, completed_date=TODAY())
    with pytest.raises(PermissionDenied):
        services.receive_paper(case, actor=auditor, at=at, type_="contract", paper_kind="cash", amount=1)
    with pytest.raises(PermissionDenied):
        services.want(case, actor=auditor, at=at, type_="advance")


def test_one_guarantee_goes_back_with_its_reason_and_its_number_stays_used(case):
    held = accepted(case)
    clerk, at = officer(case.tenant), timezone.now()
    with pytest.raises(GuaranteeRefused, match="理由を入力"):
        services.release(held, actor=clerk, at=at, reason="")

    released = services.release(held, actor=clerk, at=at, reason="契約の解除")

    assert (released.state, released.reason) == (GuaranteeState.RELEASED, "契約の解除")
    assert released.key_due_at == releasing.key_due_at(case, timezone.localdate(at))
    with pytest.raises(GuaranteeRefused, match="返還・解除されています"):
        submitted(case)
    with pytest.raises(GuaranteeRefused, match="受理した保証だけ"):
        services.release(submitted(case, number="2070004427"), actor=clerk, at=at, reason="理由")


def test_the_sweep_erases_a_key_when_its_term_is_over_and_the_check_stays(case):
    held = accepted(case)
    other = accepted(contracted(number="別の工事"), number="2070004427")
    complete(case, days_ago=31)

    tasks.sweep()

    for row in (held, other):
        row.refresh_from_db()
    assert (held.sealed_key, held.state) == (None, GuaranteeState.RELEASED)
    assert held.key_erased_at
    assert (held.guaranteed_amount, len(held.findings) > 3, held.number) == (40_000_000, True, "2070004426")
    assert other.sealed_key is not None
    (event,) = Event.objects.of_thread(case.tenant_id, case.thread).filter(action="guarantee.key_erased")
    assert KEY not in event.data


def test_a_key_is_kept_to_the_last_day_of_the_term(case):
    held = accepted(case)
    complete(case, days_ago=30)

    tasks.sweep()

    held.refresh_from_db()
    assert held.sealed_key is not None
    assert services.reveal(held, actor=officer(case.tenant), at=timezone.now(), reason="確認").key == KEY


def test_a_city_sets_its_own_term(db):
    city = factories.city("tosu")
    factories.rule_set(city, guarantee={"key_kept_days": 0})
    case = contracted()

    held = accepted(case)
    complete(case, days_ago=1)
    tasks.sweep()

    held.refresh_from_db()
    assert held.sealed_key is None


def test_the_database_lets_no_erased_key_return_and_no_deposit_be_without_one(case):
    held = accepted(case)
    rows = Guarantee.unscoped.filter(pk=held.pk)

    with pytest.raises(IntegrityError, match="erased_key_is_gone"), transaction.atomic():
        rows.update(key_erased_at=timezone.now())
    with pytest.raises(IntegrityError, match="credential_is_held_until_erased"), transaction.atomic():
        rows.update(sealed_key=None)
    with pytest.raises(IntegrityError, match="released_exactly_when_dated"), transaction.atomic():
        rows.update(released_at=timezone.now())
