"""The warnings before a sitting ends, in a browser: one press goes on, and what was typed stays."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.sessions import BEGAN, SEEN
from tests import factories
from tests.contracts.browsing import SITE, answering, is_for_all_eyes
from tests.contracts.browsing import chromium as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("sittings")]
TYPED = "橋梁補修の件で、長く書いている途中のことば"


@pytest.fixture
def client():
    client = Client()
    client.force_login(factories.member(factories.city("tosu"), Role.DRAFTER))
    return client


def opened(chromium, client, **size):
    page = chromium.new_context(locale="ja-JP", **size).new_page()
    page.route("**/*", answering(client))
    page.clock.install()
    page.goto(SITE + reverse("case_new"))
    page.locator("[name=title]").fill(TYPED)
    return page


def set_back(client, name: str, **time) -> None:
    session = client.session
    session[name] -= time["minutes"] * 60
    session.save()


def test_one_press_goes_on_and_nothing_typed_is_lost(chromium, client):
    page = opened(chromium, client)
    set_back(client, SEEN, minutes=27)
    before = client.session[SEEN]

    page.clock.fast_forward("26:50")
    early = page.locator("#idle").is_visible()
    page.clock.fast_forward("00:12")
    page.locator("#idle").wait_for(state="visible")
    is_for_all_eyes(page)
    page.keyboard.press("Escape")
    stays = page.locator("#idle").is_visible()
    page.get_by_role("button", name="続ける", exact=True).click()
    page.locator("#idle").wait_for(state="hidden")

    assert (early, stays) == (False, True)
    assert page.locator("[name=title]").input_value() == TYPED
    assert client.session[SEEN] > before + 26 * 60
    page.clock.fast_forward("26:00")
    assert not page.locator("#idle").is_visible()
    page.context.close()


def test_the_end_that_cannot_be_put_off_is_told_ten_minutes_before(chromium, client):
    client.get(reverse("home"))
    set_back(client, BEGAN, minutes=11 * 60 + 40)
    page = opened(chromium, client)

    early = page.locator("#lasting").is_visible()
    page.clock.fast_forward("10:05")
    page.locator("#lasting").wait_for(state="visible")
    is_for_all_eyes(page)
    page.get_by_role("button", name="閉じる", exact=True).click()

    assert not early
    assert not page.locator("#lasting").is_visible()
    assert page.locator("[name=title]").input_value() == TYPED
    page.context.close()
