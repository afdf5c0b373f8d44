"""Every staff page: open to the member, 403 without the role, 404 to the stranger, sign-in first."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.models import Role
from contracts.models import Document
from tests.passing import passing
from tests.stories import Story, story, written

# 名、対象、開ける役割、開けない役割
PAGES = [
    ("case", "case", Role.AUDITOR, None),
    ("case_paper", "case", Role.DRAFTER, Role.APPROVER),
    ("case_draft", "case", Role.DRAFTER, Role.SIGNATORY),
    ("consent_paper", "consent", Role.AUDITOR, None),
    ("document_add", "version", Role.DRAFTER, Role.APPROVER),
    ("version_compare", "version", Role.AUDITOR, None),
    ("version_findings", "version", Role.AUDITOR, None),
    ("document", "document", Role.AUDITOR, None),
]
FORMS = [
    ("case_invite", "case", Role.AUDITOR),
    ("consent_accept", "consent", Role.APPROVER),
    ("consent_return", "consent", Role.APPROVER),
    ("version_submit", "version", Role.APPROVER),
    ("version_discard", "version", Role.APPROVER),
    ("version_recall", "version", Role.APPROVER),
    ("sign_finish", "city_step", Role.DRAFTER),
]
OPEN = [
    ("home", Role.DRAFTER, None),
    ("case_list", Role.AUDITOR, None),
    ("case_new", Role.DRAFTER, Role.AUDITOR),
    ("archive", Role.AUDITOR, None),
    ("log", Role.AUDITOR, Role.DRAFTER),
    ("city_settings", Role.ADMINISTRATOR, Role.DRAFTER),
]


@pytest.fixture(scope="module")
def tosu(django_db_setup: None, django_db_blocker) -> Iterator[Story]:
    """Send one contract to all doors."""
    with passing(django_db_blocker):
        yield story().sent()


@pytest.fixture(autouse=True)
def taken_back(tosu: Story, django_db_blocker) -> Iterator[None]:
    with passing(django_db_blocker):
        yield


def key_of(told: Story, what: str) -> int:
    rows = {
        "case": lambda: told.case,
        "consent": lambda: told.consent,
        "version": lambda: told.version,
        "document": lambda: Document.unscoped.filter(version=told.version).first(),
        "city_step": lambda: told.step(2),
    }
    return rows[what]().pk


@pytest.mark.parametrize(("name", "what", "role", "other"), PAGES)
def test_a_page_opens_for_the_role_and_for_nobody_of_another_city(
    tosu, desk, stranger, client, name, what, role, other
):
    address = reverse(name, args=[key_of(tosu, what)])

    assert desk(tosu.tenant, role).get(address).status_code == 200
    if other is not None:
        assert desk(tosu.tenant, other).get(address).status_code == 403
    assert client.get(address)["Location"].startswith("/accounts/login/")
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize(("name", "what", "other"), FORMS)
def test_a_button_is_refused_to_the_wrong_role_and_to_another_city(tosu, desk, stranger, name, what, other):
    address = reverse(name, args=[key_of(tosu, what)])

    assert desk(tosu.tenant, other).post(address, {"reason": "テスト"}).status_code == 403
    assert stranger.post(address, {"reason": "テスト"}).status_code == 404


@pytest.mark.parametrize(("name", "role", "other"), OPEN)
def test_a_city_page_opens_for_the_role(tosu, desk, client, name, role, other):
    address = reverse(name)

    assert desk(tosu.tenant, role).get(address).status_code == 200
    if other is not None:
        assert desk(tosu.tenant, other).get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_a_stranger_sees_nothing_of_the_city_in_any_list(tosu, stranger):
    for name in ("home", "case_list", "archive", "log"):
        page = stranger.get(reverse(name)).content.decode()
        assert tosu.case.number not in page
        assert tosu.case.title not in page


def test_reading_any_page_writes_nothing(tosu, desk):
    client = desk(tosu.tenant, *Role, second_factor=True)
    addresses = [reverse(name) for name, *_ in OPEN] + [
        reverse(name, args=[key_of(tosu, what)]) for name, what, *_ in PAGES
    ]
    addresses.append(reverse("document_page", args=[key_of(tosu, "document"), 1]))
    addresses.append(reverse("sign_step", args=[key_of(tosu, "city_step")]))
    before = written()

    for address in addresses:
        client.get(address)

    assert written() == before


def test_a_page_that_decides_something_refuses_get(tosu, desk):
    drafter = desk(tosu.tenant, Role.DRAFTER)

    assert drafter.get(reverse("case_invite", args=[tosu.case.pk])).status_code == 405
    assert drafter.get(reverse("version_submit", args=[tosu.version.pk])).status_code == 405
