"""The scene at whose doors everyone knocks, made once for a module and never committed."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.architecture import scene as scenes
from tests.architecture.scene import Scene


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker) -> Iterator[Scene]:
    """Make one scene for the module, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield scenes.build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def taken_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take back what a test did to the scene."""
    if "scene" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("scene")
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
