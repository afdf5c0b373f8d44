"""The pages of the checks: what was found, and who may have everything looked at."""

import pytest
from django.test import Client

from accounts.models import Role
from audit.models import Event
from contracts.models import RecordCheck
from tests import factories
from tests.contracts.pages.conftest import give_second_factor

LIST, ASK = "/log/checks/", "/log/checks/ask/"


@pytest.fixture
def desk(concluded):
    def sit(*roles: Role) -> Client:
        client, user = Client(), factories.member(concluded.tenant, *roles)
        client.force_login(user)
        give_second_factor(client, user)
        return client

    return sit


def test_before_the_first_night_the_page_says_so(desk):
    page = desk(Role.AUDITOR).get(LIST).content.decode()

    assert "まだ一度も確認していません" in page
    assert "いますぐ確認する" in page
    assert "まだ一度も確認していません" in desk(Role.AUDITOR).get("/log/").content.decode()


def test_an_auditor_has_everything_looked_at_and_reads_what_was_found(desk, check, path_of, tail):
    auditor = desk(Role.AUDITOR)
    path_of(tail).unlink()

    answer = auditor.post(ASK)
    assert "確認しています" in auditor.get(answer["Location"]).content.decode()
    assert "いますぐ確認する" not in auditor.get(LIST).content.decode()
    check()

    page = auditor.get(answer["Location"]).content.decode()
    assert "1件の食い違いがあります" in page
    assert f"見つかりません（{tail.sha256}）" in page
    assert "食い違い 1件" in "".join(auditor.get(LIST).content.decode().split("\n")).replace("  ", "")
    assert "食い違い" in auditor.get("/log/").content.decode()


def test_who_asks_while_a_check_is_under_way_is_led_to_that_one(desk, concluded):
    first, second = desk(Role.AUDITOR).post(ASK), desk(Role.ADMINISTRATOR).post(ASK)

    assert first["Location"] == second["Location"]
    assert RecordCheck.unscoped.filter(tenant=concluded.tenant).count() == 1
    assert Event.objects.filter(tenant_id=concluded.tenant.pk, action="records.check_asked").count() == 1


def test_others_neither_see_nor_ask(desk):
    drafter = desk(Role.DRAFTER)

    assert drafter.get(LIST).status_code == 403
    assert drafter.post(ASK).status_code == 403


def test_a_check_of_another_city_is_not_there(desk, concluded):
    answer = desk(Role.AUDITOR).post(ASK)
    usuki = factories.city("usuki")
    stranger, user = Client(), factories.member(usuki, Role.AUDITOR)
    stranger.force_login(user)
    give_second_factor(stranger, user)

    assert stranger.get(answer["Location"]).status_code == 404
