"""A contractor's browser, and a case for it."""

import pytest
from django.test import Client

from tests.stories import Story, story


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)


def enter(browser: Client, address: str) -> str:
    """Press 「確認する」 and return the address of the page behind it."""
    response = browser.post(address)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])
