"""The term of the records runs from the completion of the works, and is known from that day on."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Custody, RuleSet
from contracts.services.cases import registering
from contracts.services.keeping import holding, terms
from contracts.services.keeping.terms import KeepingRefused
from guarantees import services as guarantees
from tests import factories
from tests.contracts.keeping.conftest import FIVE_YEARS, LONG_AGO, foreign, yesterday

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_paper(tosu):
    """Contract the case on paper: it is kept like any other."""
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())
    return Custody.unscoped.get(case=tosu.case)


def test_a_contracted_case_is_kept_without_a_last_day_until_its_works_are_completed(on_paper):
    assert (on_paper.completed_date, on_paper.period, on_paper.ends_date) == (None, "", None)


def test_completing_the_works_of_a_case_counts_its_term_by_the_rules_in_force(tosu, on_paper):
    today = timezone.localdate()
    guarantees.complete(tosu.case, actor=tosu.drafter, at=timezone.now(), completed_date=today)

    on_paper.refresh_from_db()
    assert on_paper.period == "five_years"
    assert (on_paper.ends_date.month, on_paper.ends_date.day) == (3, 31)
    assert on_paper.due_year == on_paper.ends_date.year - 1
    assert on_paper.rule_set == RuleSet.unscoped.filter(tenant=tosu.tenant).latest("number")
    assert Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="custody.counted").exists()


def test_what_is_kept_for_ever_has_no_last_day(tosu):
    factories.rule_set(tosu.tenant, retention={"period": "permanent"})
    kept = terms.begin(foreign(tosu), completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())

    assert (kept.period, kept.ends_date, kept.due_year) == ("permanent", None, None)


def test_the_term_of_a_kind_is_its_own(tosu):
    factories.rule_set(tosu.tenant, retention=FIVE_YEARS | {"kinds": {"construction": "ten_years"}})
    kept = terms.begin(foreign(tosu), completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())

    assert kept.ends_date == date(2010, 3, 31)


def test_the_term_says_how_it_was_counted(kept):
    assert (kept.ends_date, kept.due_year) == (date(2005, 3, 31), 2004)
    assert "平成12年3月31日に履行完了" in kept.working


def test_a_term_from_the_completion_ends_on_the_same_day_of_its_last_year(tosu):
    factories.rule_set(tosu.tenant, retention={"period": "seven_years", "count_from": "completion"})
    kept = terms.begin(foreign(tosu), completed_date=date(2001, 9, 30), actor=tosu.drafter, at=timezone.now())

    assert kept.ends_date == date(2008, 9, 30)


def test_the_completion_of_a_contract_of_elsewhere_may_be_noted_later_and_corrected(tosu, keeper):
    kept = terms.begin(foreign(tosu), completed_date=None, actor=keeper, at=timezone.now())
    for completed, ends in ((date(2001, 5, 1), date(2007, 3, 31)), (LONG_AGO, date(2005, 3, 31))):
        kept = terms.complete(kept, completed_date=completed, actor=keeper, at=timezone.now())
        assert kept.ends_date == ends


def test_a_completion_to_come_or_before_the_contract_is_refused(tosu, kept, keeper):
    tomorrow = timezone.localdate() + timedelta(days=1)
    for day, why in ((tomorrow, "まだ来ていません"), (date(1999, 5, 31), "契約日")):
        with pytest.raises(KeepingRefused, match=why):
            terms.complete(kept, completed_date=day, actor=keeper, at=timezone.now())


def test_the_completion_of_a_case_is_not_noted_here(on_paper, keeper):
    with pytest.raises(KeepingRefused, match="案件のページ"):
        terms.complete(on_paper, completed_date=yesterday(), actor=keeper, at=timezone.now())


def test_a_hold_has_a_reason_and_stays_in_the_log(on_paper, keeper):
    made = holding.hold(on_paper, reason="　住民訴訟（令和8年（行ウ）第1号） ", actor=keeper, at=timezone.now())

    assert made.reason == "住民訴訟（令和8年（行ウ）第1号）"
    told = Event.objects.of_thread(on_paper.tenant_id, on_paper.case.thread).get(action="custody.held")
    assert "住民訴訟" in told.data
    with pytest.raises(KeepingRefused, match="理由"):
        holding.hold(on_paper, reason=" ", actor=keeper, at=timezone.now())


def test_a_hold_is_released_once_and_with_a_reason(kept, keeper):
    made = holding.hold(kept, reason="監査", actor=keeper, at=timezone.now())
    with pytest.raises(KeepingRefused, match="理由"):
        holding.release(made, reason="", actor=keeper, at=timezone.now())

    released = holding.release(made, reason="監査の終了", actor=keeper, at=timezone.now())

    assert released.release_reason == "監査の終了"
    with pytest.raises(KeepingRefused, match="すでに解除"):
        holding.release(made, reason="もう一度", actor=keeper, at=timezone.now())


def test_the_reason_of_a_hold_cannot_be_rewritten_or_removed(kept, keeper):
    made = holding.hold(kept, reason="監査", actor=keeper, at=timezone.now())

    for act in (lambda: type(made).unscoped.filter(pk=made.pk).update(reason="別の理由"), made.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.APPROVER, Role.AUDITOR, Role.GUARANTEE_OFFICER])
def test_only_those_who_keep_the_records_hold_them(kept, tosu, role):
    with pytest.raises(PermissionDenied):
        holding.hold(kept, reason="監査", actor=factories.staff(tosu.tenant, role), at=timezone.now())
