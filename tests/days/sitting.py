"""Somebody before a browser of the size of a desk or a phone, whose pages the test answers itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from accounts.models import User
from tests.contracts.browsing import SITE, SIZES, answering
from tests.contracts.pages.conftest import give_second_factor

TOO_WIDE = "the page is wider than its window"
MEASURE = f"""addEventListener("load", () => {{
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) console.warn("{TOO_WIDE}");
}})"""


@dataclass
class Seat:
    """A window of one size, and what went wrong on the pages in it."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(MEASURE)

    def staff(self, user: User) -> Page:
        """Sit down as a member of staff, signed in with a second factor, before their first page."""
        client = Client()
        client.force_login(user)
        give_second_factor(client, user)
        return self.before(client, "/")

    def before(self, client: Client, address: str) -> Page:
        """Open an address as whoever the client is."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", answering(client))
        page.goto(f"{SITE}{address}")
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text == TOO_WIDE:
            self.complaints.append(f"{message.page.url if message.page else ''}: {TOO_WIDE}")


@pytest.fixture(params=SIZES)
def seat(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Seat]:
    taken = Seat(chromium.new_context(locale="ja-JP", **SIZES[request.param]))
    yield taken
    taken.context.close()
    assert taken.complaints == [], taken.complaints


def go(page: Page, address: str) -> Page:
    """Go to another place of the site."""
    page.goto(f"{SITE}{address}")
    return page
