"""A link in a mail outlives what happens to the machine between the mail and the press."""

import pytest
from django.core.cache import cache
from django.test import Client

from contracts.models import Purpose
from tests.contracts.links.conftest import enter
from tests.contracts.links.test_inbox import inbox_link
from tests.stories import Story

pytestmark = pytest.mark.django_db


def test_links_open_after_a_deploy_with_another_secret_and_an_empty_redis(tosu: Story, settings):
    sign, inbox = tosu.sent().address(Purpose.SIGN), inbox_link(tosu, tosu.step(1).email)

    settings.SECRET_KEY = "another-secret-after-the-deploy"
    cache.clear()

    for address in (sign, inbox):
        browser = Client()
        assert browser.get(address).status_code == 200
        assert browser.get(enter(browser, address)).status_code == 200


def test_a_browser_goes_on_after_redis_was_flushed(tosu: Story, browser: Client):
    pages = [enter(browser, tosu.sent().address(Purpose.SIGN)), enter(browser, inbox_link(tosu, tosu.step(1).email))]

    cache.clear()

    assert [browser.get(page).status_code for page in pages] == [200, 200]


def test_after_a_deploy_that_ends_sessions_the_page_says_to_open_the_mail_again(tosu: Story, browser: Client, settings):
    address = tosu.sent().address(Purpose.SIGN)
    page = enter(browser, address)

    settings.SECRET_KEY = "another-secret-after-the-deploy"

    assert "メールのリンクから開き直してください" in browser.get(page).content.decode()
    assert browser.get(enter(browser, address)).status_code == 200
