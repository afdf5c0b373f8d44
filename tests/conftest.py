"""Fixtures that every test may use. The database is real, and tests connect as the application's role."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test.utils import setup_databases, teardown_databases

from tests import fence, leftovers
from tests.copies import database_copy


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Make the test database as its owner; `default` then connects to it as the application's role."""
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, keepdb=keep, aliases={"default", "owner", "ops"})
    leftovers.watch(connections["default"].settings_dict["NAME"])
    yield
    leftovers.watched.clear()
    if not keep:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give a module a copy of the test database, where it may commit what nobody else shall see."""
    with django_db_blocker.unblock(), database_copy(request.path.stem) as name:
        yield name


fence.raise_it()


@pytest.fixture(autouse=True)
def nobody_outside() -> Iterator[None]:
    """Fail a test during which somebody tried to speak to another machine, even if the refusal was swallowed."""
    fence.tried.clear()
    yield
    assert fence.tried == []
