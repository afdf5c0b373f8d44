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
from tests.contracts.keeping.conftest import LONG_AGO, yesterday
from tests.stories import story

pytestmark = pytest.mark.django_db


def test_a_concluded_case_is_kept_without_a_last_day_until_its_works_are_completed(tosu):
    custody = Custody.unscoped.get(case=tosu.case)

    assert (custody.completed_date, custody.period, custody.ends_date) == (None, "", None)


def test_a_case_on_paper_is_kept_too(db):
    told = story()
    registering.switch_to_paper(told.case, actor=told.drafter, at=timezone.now(), contract_date=timezone.localdate())

    assert Custody.unscoped.filter(case=told.case).exists()


def test_completing_the_works_of_a_case_counts_its_term_by_the_rules_in_force(tosu):
    today = timezone.localdate()
    guarantees.complete(tosu.case, actor=tosu.drafter, at=timezone.now(), completed_date=today)

    custody = Custody.unscoped.get(case=tosu.case)
    assert custody.period == "five_years"
    assert custody.ends_date.month == 3
    assert custody.ends_date.day == 31
    assert custody.due_year == custody.ends_date.year - 1
    assert custody.rule_set == RuleSet.unscoped.filter(tenant=tosu.tenant).latest("number")
    assert Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="custody.counted").exists()


def test_what_is_kept_for_ever_has_no_last_day(tosu):
    factories.rule_set(tosu.tenant, retention={"period": "permanent"})
    terms.on_completed(tosu.case, LONG_AGO, tosu.drafter, timezone.now())

    custody = Custody.unscoped.get(case=tosu.case)
    assert (custody.period, custody.ends_date, custody.due_year) == ("permanent", None, None)


def test_the_term_says_how_it_was_counted(kept):
    assert kept.ends_date == date(2005, 3, 31)
    assert kept.due_year == 2004
    assert "平成12年3月31日に履行完了" in kept.working


def test_the_completion_of_a_case_is_not_noted_here(kept, keeper):
    with pytest.raises(KeepingRefused, match="案件のページ"):
        terms.complete(kept, completed_date=yesterday(), actor=keeper, at=timezone.now())


def test_a_hold_has_a_reason_and_stays_in_the_log(kept, keeper):
    made = holding.hold(kept, reason="　住民訴訟（令和8年（行ウ）第1号） ", actor=keeper, at=timezone.now())

    assert made.reason == "住民訴訟（令和8年（行ウ）第1号）"
    told = Event.objects.of_thread(kept.tenant_id, kept.case.thread).get(action="custody.held")
    assert "住民訴訟" in told.data
    with pytest.raises(KeepingRefused, match="理由"):
        holding.hold(kept, reason=" ", actor=keeper, at=timezone.now())


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


def test_the_days_of_a_year_end_on_the_day_before_the_same_day(tosu):
    factories.rule_set(tosu.tenant, retention={"period": "seven_years", "count_from": "completion"})
    completed = timezone.localdate() - timedelta(days=30)
    terms.on_completed(tosu.case, completed, tosu.drafter, timezone.now())

    ends = Custody.unscoped.get(case=tosu.case).ends_date
    assert (ends.year, ends.month, ends.day) == (completed.year + 7, completed.month, completed.day)
