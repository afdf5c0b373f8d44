from pathlib import Path

import pytest
from django.core.files.storage import storages

from accounts.tenancy import acting_for
from contracts.models import RecordCheck
from contracts.services.checking import asking, walking
from tests.contracts.checking.scene import AT
from tests.stories import Story, story
from vault.models import StoredFile


@pytest.fixture
def concluded(db, settings, tmp_path: Path) -> Story:
    """A concluded contract whose files lie in a directory of their own."""
    vault = settings.STORAGES["vault"]
    own = vault | {"OPTIONS": vault["OPTIONS"] | {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"vault": own, "default": own}
    return story().concluded()


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
