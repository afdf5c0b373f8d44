"""A scanner opens every link of every mail and changes no row but the access log; then the link serves its reader."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts import tenancy
from accounts.models import Membership, Organization, Role, User
from notifications import table
from signing import setup
from tests.contracts.pages.conftest import give_second_factor
from tests.copies import database_copy
from tests.guarantees.issuing.conftest import KEYS
from tests.notifications.scanner import gateway, letters
from tests.notifications.scanner.letters import Letter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("scanner")]


@pytest.fixture(scope="module")
def posted(django_db_setup: None, django_db_blocker) -> Iterator[list[Letter]]:
    """Write every mail in a database of its own: what the pages change must be committed to be seen."""
    with django_db_blocker.unblock(), database_copy("scanner"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGNING_KEYS", str(KEYS))
        setup.keyring.cache_clear()
        yield letters.write()
    setup.keyring.cache_clear()


def test_every_line_of_the_table_that_names_a_link_is_looked_at(posted):
    with_link = {telling.template for telling in table.every() if telling.link}

    assert {letter.template for letter in posted} == with_link


def test_fifty_requests_change_no_row(posted):
    before = gateway.marks()

    for letter in posted:
        assert gateway.ask(letter.path) <= {200, 302}, letter.name
        assert changed(before) == set(), letter.name


def test_a_browser_that_runs_scripts_and_presses_nothing_changes_no_row(posted):
    before = gateway.marks()

    with gateway.visitor() as visitor:
        titles = visitor.visit([letter.path for letter in posted])

    assert all(titles)
    assert changed(before) == set()


def changed(before: dict[str, tuple[int, int]]) -> set[str]:
    return {name for name, mark in gateway.marks().items() if mark != before[name]}


def test_after_the_scanner_each_link_serves_its_reader_in_a_clean_browser(posted):
    for letter in posted:
        page = opened(letter)

        assert page.status_code == 200, (letter.name, page.status_code)
        assert "サインイン" not in page.content.decode().partition("<h1")[2][:200], letter.name


def opened(letter: Letter) -> HttpResponse:
    """Do what the reader does: press the button of the landing page, or sign in where the page is for staff."""
    browser = Client()
    if letter.has_landing:
        landing = browser.get(letter.path)
        assert "確認する" in landing.content.decode(), letter.name
        pressed = browser.post(letter.path)
        assert pressed.status_code == 302, letter.name
        return browser.get(pressed["Location"])
    if letter.template == "accounts/password_link":
        return browser.post(letter.path, follow=True)
    assert browser.get(letter.path)["Location"].startswith("/accounts/login/"), letter.name
    sit(browser, letter)
    return browser.get(letter.path, follow=True)


def sit(browser: Client, letter: Letter) -> None:
    """Sign in as the reader, or as someone of the office whose shared address the mail went to."""
    user = letter.reader or colleague(letter.tenant_id)
    browser.force_login(user)
    give_second_factor(browser, user)


def colleague(tenant_id: int) -> User:
    with tenancy.acting_for(tenant_id):
        office = Organization.objects.get(pk=tenant_id)
        return Membership.unscoped.filter(tenant=office).exclude(role=Role.AUDITOR).first().user
