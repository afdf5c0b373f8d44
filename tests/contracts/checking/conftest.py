import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.test import override_settings

from accounts.tenancy import acting_for
from contracts.models import RecordCheck
from contracts.services.checking import asking, walking
from tests.contracts.checking.scene import AT
from tests.stories import Story, story
from vault.models import StoredFile


@pytest.fixture(scope="module")
def vault(tmp_path_factory) -> Iterator[Path]:
    """A directory of its own for the files."""
    root = tmp_path_factory.mktemp("vault")
    own = settings.STORAGES["vault"] | {"OPTIONS": settings.STORAGES["vault"]["OPTIONS"] | {"location": root}}
    with override_settings(STORAGES=settings.STORAGES | {"vault": own, "default": own}):
        yield root


@pytest.fixture(scope="module")
def concluded(vault: Path, django_db_setup: None, django_db_blocker) -> Iterator[Story]:
    """Play one case to its contract, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield story().concluded()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def taken_back(concluded: Story, vault: Path, django_db_blocker, tmp_path: Path) -> Iterator[None]:
    """Take back what a test did to the rows and to the files."""
    kept = shutil.copytree(vault, tmp_path / "kept")
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
    shutil.rmtree(vault)
    shutil.copytree(kept, vault)


@pytest.fixture
def path_of(concluded: Story):
    return lambda stored: Path(storages["vault"].path(stored.path))


@pytest.fixture
def check(concluded: Story):
    """Check everything the city keeps, as the worker does, and return the row."""

    def run() -> RecordCheck:
        with acting_for(concluded.tenant.pk):
            begun = asking.begin(concluded.tenant.pk, at=AT)
        while walking.check_next(tenant_id=concluded.tenant.pk, at=AT):
            pass
        with acting_for(concluded.tenant.pk):
            return RecordCheck.unscoped.get(pk=begun.pk)

    return run


@pytest.fixture
def tail(concluded: Story) -> StoredFile:
    """The last tail of the contract."""
    with acting_for(concluded.tenant.pk):
        return concluded.version.documents.get(order=1).revisions.latest("number").tail
