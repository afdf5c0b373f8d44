"""When something of ours fails, people read a page that says so, whatever is broken."""

import pytest
from django.conf import settings as configured
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from accounts.permissions import public
from config import failing
from config.urls import handler400, handler500  # noqa: F401  この試験の URL の表でも、同じ頁で答える
from vault import kms

FAILURES = {
    "away": OperationalError("the database system is shutting down"),
    "locked": kms.Unavailable("the key service does not answer"),
    "broken": ZeroDivisionError("a bug"),
    "odd": SuspiciousOperation("an odd request"),
}


@public
def fail(request: HttpRequest, name: str) -> None:
    raise FAILURES[name]


urlpatterns = [path("fail/<slug:name>/", fail)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", ["away", "locked"])
def test_while_a_part_is_away_people_are_asked_to_come_back_in_a_minute(browser, name):
    response = browser.get(f"/fail/{name}/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "ただいま利用できません" in response.content.decode()


def test_a_bug_is_told_as_a_bug_and_shows_nothing_of_itself(browser):
    response = browser.get("/fail/broken/")

    assert response.status_code == 500
    assert "この操作は取り消されました" in response.content.decode()
    assert "a bug" not in response.content.decode()


def test_an_odd_request_is_refused_without_repeating_it(browser):
    response = browser.get("/fail/odd/")

    assert response.status_code == 400
    assert "an odd request" not in response.content.decode()


@pytest.mark.parametrize("name", FAILURES)
def test_the_page_says_that_the_certificate_is_a_trial(browser, name):
    assert configured.TEST_CERTIFICATE
    assert "自己署名の試験用証明書" in browser.get(f"/fail/{name}/").content.decode()


def test_the_page_of_a_failure_is_drawn_without_the_database(browser, django_assert_num_queries):
    with django_assert_num_queries(0):
        failing.server_error(HttpRequest())


def test_where_even_the_page_is_broken_a_plain_one_stands_in(browser, settings):
    settings.TEMPLATES = [configured.TEMPLATES[0] | {"DIRS": []}]

    response = browser.get("/fail/broken/")

    assert response.status_code == 500
    assert "もう一度お試しください" in response.content.decode()
