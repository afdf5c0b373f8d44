"""The story is played once, in a database of its own that is committed, and kept until it is searched."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core import mail

from accounts import tenancy
from signing import setup
from tests.copies import database_copy
from tests.guarantees import seeking
from tests.guarantees.secrecy.player import Played, Story, served
from vault import files
from vault.models import StoredFile


@dataclass(frozen=True)
class Left:
    """What a story left behind at one moment."""

    dump: bytes
    opened: dict[str, bytes]


@dataclass(frozen=True)
class Aftermath:
    """What the story left behind everywhere."""

    played: Played
    before: Left
    after: Left
    mails: list[bytes]
    queue: list[bytes]
    stored: list[bytes]
    rooms: list[bytes]


@pytest.fixture(scope="module")
def keys() -> Iterator[None]:
    """Sign with the list of keys in which the guarantor has one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGNING_KEYS", str(Path(settings.SIGNING_PKCS12).with_name("keys.toml")))
        setup.keyring.cache_clear()
        yield
    setup.keyring.cache_clear()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have every file that is made for the moment made in one place."""
    room = tmp_path_factory.mktemp("moment")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(room))
        patch.setattr(tempfile, "tempdir", str(room))
        yield room


@pytest.fixture(scope="module")
def aftermath(django_db_setup: None, django_db_blocker, keys: None, room: Path) -> Iterator[Aftermath]:
    with django_db_blocker.unblock(), database_copy("secrecy"), served() as address:
        story = Story(address)
        played = story.play()
        before = _left(played)
        story.complete()
        after = _left(played)
        yield Aftermath(
            played=played,
            before=before,
            after=after,
            mails=[part for sent in mail.outbox for part in seeking.parts(sent.message().as_bytes())],
            queue=list(_queue()),
            stored=[content for city in played.cities for _, content in seeking.files(_shelf(city))],
            rooms=[content for _, content in seeking.files(room)],
        )


def _left(played: Played) -> Left:
    opened = {}
    for city in played.cities:
        with tenancy.acting_for(city):
            for row in StoredFile.objects.filter(tenant_id=city):
                opened[f"{city}/{row.sha256}"] = files.read(row)
    return Left(seeking.dump(), opened)


def _shelf(city: int) -> Path:
    return Path(settings.FILES_ROOT) / str(city)


def _queue() -> Iterator[bytes]:
    """Read all that lies in Redis: the cache, and what the workers are told."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    readers = {
        b"string": client.get,
        b"list": lambda name: b"\n".join(client.lrange(name, 0, -1)),
        b"hash": lambda name: b"\n".join(part for pair in client.hgetall(name).items() for part in pair),
        b"set": lambda name: b"\n".join(client.smembers(name)),
        b"zset": lambda name: b"\n".join(client.zrange(name, 0, -1)),
    }
    for name in client.scan_iter():
        yield name
        yield readers[client.type(name)](name)
    client.close()
