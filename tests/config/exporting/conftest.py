"""Two cities, one of which has a case with everything that a case can hold, in a database of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings

from accounts import tenancy
from tests import factories
from tests.config.backups.conftest import places, run
from tests.contracts.packs import conftest as packs
from tests.copies import database_copy
from tests.stories import Story, story
from vault import files

STRANGER = "隣の市だけの秘密の工事名"


@dataclass
class Handed:
    """A city's export, and the story that was played in it."""

    story: Story
    folder: Path
    said: str

    def paths(self) -> set[str]:
        return {each.relative_to(self.folder).as_posix() for each in self.folder.rglob("*") if each.is_file()}


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    room = tmp_path_factory.mktemp("exports")
    with django_db_blocker.unblock(), database_copy("exports"), override_settings(STORAGES=places(room)):
        assert settings.STORAGES["vault"]["OPTIONS"]["location"] == room / "vault"
        with transaction.atomic():
            told = story().concluded()
            told.case.refresh_from_db()
            packs._certify(told)
            packs._guarantee(told)
            factories.foreign(told.tenant, by=told.drafter)
            factories.case(told.tenant, by=told.drafter, number="=1+1", title="</script><b>まだ締結していない工事</b>")
        with transaction.atomic():
            story("kiyama", title=STRANGER).sent()
        packs.anchor()
        with tenancy.acting_for(told.tenant.pk):
            files.store(tenant_id=told.tenant.pk, content=b"a paper that no row names")
        yield told


@pytest.fixture(scope="module")
def handed(played: Story, tmp_path_factory: pytest.TempPathFactory) -> Handed:
    folder = tmp_path_factory.mktemp("out") / "tosu"
    code, said = run("export_tenant", "tosu", str(folder))
    assert code == 0, said
    return Handed(played, folder, said)
