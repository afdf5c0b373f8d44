"""The scene rendered once for all questions about its pages."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.architecture import scene as scenes
from tests.pages import rendering, showing
from tests.pages.rendering import EVERYTHING, Page
from tests.pages.showing import Screen


@pytest.fixture(scope="package")
def rendered(django_db_setup: None, django_db_blocker) -> list[Page]:
    """Render every page and state in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = rendering.pages(scenes.build(), every_role=EVERYTHING)
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def screen(rendered: list[Page]) -> Iterator[Screen]:
    """Open a browser once everything is rendered: no database is asked while it runs."""
    with showing.screen() as opened:
        yield opened
