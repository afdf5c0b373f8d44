"""A contractor's browser, and a case for it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from contracts.models import AccessLink, Consent, JvMember, Purpose
from contracts.services import links
from tests import factories
from tests.stories import Story, story


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def reader(browser: Client) -> Client:
    browser.cookies["language"] = "en"  # accounts/test_languages.py のとおりに選んだ後
    return browser


def enter(browser: Client, address: str) -> str:
    """Press 「確認する」 and return the address of the page behind it."""
    response = browser.post(address)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def address_of(consent: Consent, purpose: Purpose) -> str:
    """Issue a link about a consent to its authority, as a mail would carry it, and return its path."""
    at = timezone.now()
    made = links.issue(
        purpose=purpose,
        case=consent.case,
        consent=consent,
        name=consent.authority_name,
        email=consent.authority_email,
        at=at,
        expires_at=at + timedelta(days=14),
    )
    return made.removeprefix(settings.BASE_URL)


def holder_of(consent: Consent, purpose: Purpose) -> factories.Actor:
    """Return whoever came by the newest link about a consent."""
    link = AccessLink.unscoped.filter(consent=consent, purpose=purpose, revoked_at=None).latest("pk")
    return links.holder(link, ip="127.0.0.1")


def joint_venture() -> Story:
    """Award a case to a joint venture of two firms, and invite both."""
    tenant = factories.city("tosu")
    made = factories.contractor(tenant, name="髙﨑・濵田特定建設工事共同企業体", is_joint_venture=True)
    for order, name in enumerate(("㈱髙﨑建設", "株式会社濵田組"), start=1):
        firm = factories.contractor(tenant, name=name, email=f"firm{order}@example.jp")
        JvMember.unscoped.create(
            tenant=tenant, joint_venture=made, member=firm, order=order, is_representative=order == 1
        )
    return story("tosu", contractor=made).invited()
