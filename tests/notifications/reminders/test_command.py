"""The shell shows what a morning tells, by which rule, and sends it when it is not a dry run."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from accounts.tenancy import acting_for
from notifications.models import Delivery, Reminder
from tests import factories
from tests.contracts.reminding import scene

pytestmark = pytest.mark.django_db
OTHER_FIRM = "soumu@watanabe.example.jp"


@pytest.fixture
def city():
    made = factories.city("tosu")
    drafter = factories.member(made, Role.DRAFTER, email="drafter@tosu.example.jp", name="起案の人")
    case = scene.case(made, awarded=date(2026, 3, 5), by=factories.actor(drafter, made), title="道路改良工事")
    scene.consent(case, asked=date(2026, 3, 5))
    return made


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reminders", *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_to_whom_and_why_and_sends_nothing(city):
    said = run("--on", "2026-03-09", "--city", "tosu", "--dry-run")

    assert "2026-03-09 鳥栖市（tosu）: 2通、4件" in said
    assert "drafter@tosu.example.jp（起案の人）" in said
    assert "[契約締結期限が近い] 道路改良工事" in said
    assert "（予定の日 2026-03-09）" in said
    assert "契約書は、まだ起案されていません。" in said
    assert "deadline_from_day = 3" in said
    with acting_for(city.pk):
        assert not Delivery.unscoped.filter(key__startswith="morning:").exists()


def test_machines_read_the_same_as_json(city):
    told = json.loads(run("--on", "2026-03-09", "--city", "tosu", "--dry-run", "--json"))

    assert {(each["rule"], each["to"], each["planned"]) for each in told} == {
        ("deadline", "drafter@tosu.example.jp", "2026-03-09"),
        ("deadline_firm", scene.FIRM, "2026-03-09"),
        ("consent", scene.FIRM, "2026-03-09"),
        ("consent", "drafter@tosu.example.jp", "2026-03-09"),
    }
    assert all(each["line"].endswith(("= 3", "= 2", "= 7")) for each in told)


def test_without_a_dry_run_it_is_sent_once(city):
    run("--on", "2026-03-09", "--city", "tosu")
    run("--on", "2026-03-09", "--city", "tosu")

    with acting_for(city.pk):
        assert Delivery.unscoped.filter(key__startswith="morning:2026-03-09:").count() == 2
        assert Reminder.unscoped.count() == 4


def test_a_dry_run_leaves_out_who_has_had_the_digest_of_that_day(city):
    run("--on", "2026-03-09", "--city", "tosu")
    drafter = User.objects.get(email="drafter@tosu.example.jp")
    later = scene.case(city, awarded=date(2026, 3, 5), by=factories.actor(drafter, city), number="8-2")
    scene.consent(later, asked=date(2026, 3, 5), email=OTHER_FIRM)

    told = json.loads(run("--on", "2026-03-09", "--city", "tosu", "--dry-run", "--json"))

    assert {each["to"] for each in told} == {OTHER_FIRM}
    run("--on", "2026-03-09", "--city", "tosu")
    with acting_for(city.pk):
        assert Delivery.unscoped.filter(key__startswith="morning:2026-03-09:").count() == 3


def test_a_closed_day_says_why_nothing_is_sent(city):
    assert "2026-03-20 鳥栖市（tosu）: 閉庁日（春分の日）のため、なし" in run("--on", "2026-03-20", "--dry-run")


@pytest.mark.parametrize(
    ("arguments", "why"), [(["--city", "nowhere"], "ありません"), (["--on", "あす"], "2026-03-05")]
)
def test_what_cannot_be_meant_is_refused(arguments, why):
    with pytest.raises(CommandError, match=why):
        run(*arguments)
