"""Two cities with a concluded contract each, one of which has left: by the commands, killed once on the way."""

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.test.utils import override_settings
from django.utils import timezone

from accounts import tenancy
from accounts.models import User
from config.departing import destroying, told
from contracts.services.upkeep import texts
from tests import factories
from tests.architecture import guests
from tests.config.backups.conftest import places, run
from tests.contracts.packs import conftest as packs
from tests.copies import database_copy
from tests.stories import Story, story
from vault import emptying
from vault.models import StoredFile

KILLED_AFTER = 3


@dataclass
class Departed:
    """What was there before, what the commands said, and what they left."""

    gone: Story
    staying: Story
    people: tuple[User, User]
    room: Path
    files: list[StoredFile] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    killed_by: int = 0
    left_when_killed: int = 0

    @property
    def certificate_file(self) -> Path:
        return self.room / "certificate.json"

    @property
    def certificate(self) -> dict[str, Any]:
        certificate: dict[str, Any] = json.loads(self.certificate_file.read_text(encoding="utf-8"))
        return certificate

    def order(self, verb: str, *options: str, by: int = 0, code: int = 0) -> None:
        """Give an order about the city that leaves, which must end with this code."""
        who = () if verb == "show" else ("--by", self.people[by].email)
        ended, said = run("destroy_city", verb, self.gone.tenant.slug, *who, *options)
        assert ended == code, said
        self.said[verb] = said


@pytest.fixture(scope="module")
def departed(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Departed]:
    room = tmp_path_factory.mktemp("departing")
    with django_db_blocker.unblock(), database_copy("departing"), override_settings(STORAGES=places(room)):
        made = _before(room)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(told, "WAITING", timedelta(0))
            _leave(made)
        yield made


def _before(room: Path) -> Departed:
    with transaction.atomic():
        gone = story().concluded()
        gone.case.refresh_from_db()
        packs._guarantee(gone)
        factories.foreign(gone.tenant, by=gone.drafter)
    with transaction.atomic():
        staying = story("kiyama").concluded()
    for each in (gone, staying):
        while texts.read_next(tenant_id=each.tenant.pk, at=timezone.now(), recogniser=None):
            pass
    with transaction.atomic():
        people = guests.worker(), guests.worker("運営　次郎")
    made = Departed(gone, staying, people, room)
    with tenancy.acting_for(gone.tenant.pk):
        made.files = list(StoredFile.objects.filter(tenant_id=gone.tenant.pk).order_by("pk"))
    shutil.copytree(room / "vault", room / "copy")
    return made


def _leave(made: Departed) -> None:
    made.order("close", "--reason", "契約の満了")
    ended, said = run("export_tenant", made.gone.tenant.slug, str(made.room / "export"))
    assert ended == 0, said
    [manifest] = [each for each in said.split() if len(each) == 64]
    made.order("handed-over", "--manifest", manifest, "--received-by", "総務課　契約係長")
    confirm = f"{made.gone.tenant.slug} {manifest[: destroying.SHOWN]}"
    options = ("--certificate", str(made.certificate_file), "--confirm", confirm)
    _killed(made, *options)
    made.order("destroy", *options, by=1)
    made.order("show")


def _killed(made: Departed, *options: str) -> None:
    """Have the order carried out by a process that is killed while it clears away."""
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=_until_killed, args=(made, *options))
    child.start()
    child.join(120)
    made.killed_by = -(child.exitcode or 0)
    vault = made.room / "vault" / str(made.gone.tenant.pk)
    made.left_when_killed = sum(each.is_file() for each in vault.rglob("*"))


def _until_killed(made: Departed, *options: str) -> None:
    before, swept = emptying.sweep, []

    def sweep(tenant_id: int, first_byte: int) -> int:
        count = before(tenant_id, first_byte)
        swept.extend([first_byte] * bool(count))
        if len(swept) == KILLED_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        return count

    emptying.sweep = sweep
    made.order("destroy", *options, by=1)
