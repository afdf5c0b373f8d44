"""The beat: each house has its morning when its time has come, and the next one is set."""

from datetime import date, datetime, time

import pytest
from django.utils import timezone

from accounts import rounds
from accounts.models import Role
from accounts.tenancy import acting_for
from notifications.models import MailPolicy, Reminder
from notifications.reminders import daily
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


@pytest.fixture
def city():
    made = factories.city("tosu")
    scene.case(made, awarded=date(2026, 3, 4), by=factories.staff(made, Role.DRAFTER))
    return made


def due(city, day: date, hour: int = 8) -> None:
    MailPolicy.unscoped.update_or_create(tenant=city, defaults={"remind_at": scene.moment(day, hour)})


def following(city) -> datetime:
    with acting_for(city.pk):
        return timezone.localtime(MailPolicy.unscoped.get(tenant=city).remind_at)


def waiting(at: datetime) -> set[int]:
    return {turn.tenant_id for turn in rounds.waiting("notifications_whose_morning", at=at)}


def test_a_morning_that_has_come_is_held_once_and_the_next_office_day_is_set(city):
    due(city, FRIDAY)
    at = scene.moment(FRIDAY, 8)
    assert city.pk in waiting(at)

    assert daily.hold(tenant_id=city.pk, at=at)
    assert Reminder.unscoped.exists()
    assert following(city) == scene.moment(MONDAY)
    assert city.pk not in waiting(scene.moment(MONDAY, 7))
    assert not daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 9))


def test_a_house_that_never_had_a_morning_begins_with_the_next_one(city):
    assert city.pk in waiting(scene.moment(FRIDAY, 10))

    assert daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 10))

    assert not Reminder.unscoped.exists()
    assert following(city) == scene.moment(MONDAY)


def test_a_guarantor_has_mornings_and_a_firm_has_none(city):
    guarantor = factories.Organization.objects.create(kind="guarantor", slug="hosho", name="保証")
    firm = factories.Organization.objects.create(kind="contractor", slug="firm", name="会社")

    assert waiting(scene.moment(FRIDAY)).issuperset({city.pk, guarantor.pk})
    assert firm.pk not in waiting(scene.moment(FRIDAY))


def test_a_beat_that_comes_back_in_the_evening_waits_for_the_next_morning(city):
    due(city, FRIDAY)

    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 19))

    assert not Reminder.unscoped.exists()
    assert following(city) == scene.moment(MONDAY)


def test_a_beat_that_comes_back_on_a_closed_day_tells_nothing_on_it(city):
    due(city, FRIDAY)

    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY.replace(day=7), 10))

    assert not Reminder.unscoped.exists()
    assert following(city) == scene.moment(MONDAY)


def test_each_house_has_its_own_hour(city):
    due(city, FRIDAY)
    MailPolicy.unscoped.filter(tenant=city).update(morning=time(9, 30))

    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 8))
    assert not Reminder.unscoped.exists()
    assert following(city).time() == time(9, 30)
    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 10))

    assert Reminder.unscoped.exists()
    assert (following(city).date(), following(city).time()) == (MONDAY, time(9, 30))


def test_a_beat_that_comes_back_at_night_waits_for_the_morning(city):
    due(city, date(2026, 3, 5))

    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY, 3))

    assert not Reminder.unscoped.exists()
    assert following(city) == scene.moment(FRIDAY)


def test_the_days_that_only_this_city_is_closed_are_left_out(city):
    factories.rule_set(city, deadline={"local_closed_days": ["03-09"]})
    due(city, FRIDAY)

    daily.hold(tenant_id=city.pk, at=scene.moment(FRIDAY))

    assert following(city) == scene.moment(date(2026, 3, 10))
