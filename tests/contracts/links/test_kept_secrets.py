"""A signing played to its end, and every place searched for what opened it: one mail holds it, and nothing else."""

import base64
import email
import io
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from contracts.reading import content_of
from contracts.services.signatures import concluding, signing
from contracts.states import VersionState
from notifications import tasks
from signing import setup
from tests import factories
from tests.config.test_logs import written as written
from tests.contracts.api.conftest import connect
from tests.contracts.coded import asking_for, made
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import link_in, newest
from tests.notifications.conftest import server as server
from tests.stories import Story

pytestmark = pytest.mark.django_db


def forms(secret: str) -> set[bytes]:
    """Write a secret in the ways in which it might be kept: plain, in hexadecimal, in base64 at any place."""
    plain = secret.encode()
    return {plain, plain.hex().encode(), *(in_base64(plain, place) for place in range(3))}


def in_base64(plain: bytes, place: int) -> bytes:
    """Encode bytes that begin so many after a full group, without the letters that they share with their neighbours."""
    whole = base64.b64encode(b"." * place + plain + b"..")
    return whole[-(-place * 4 // 3) : (place + len(plain)) * 4 // 3]


def holds(content: bytes, secret: str) -> bool:
    return any(form in content for form in forms(secret))


def rows() -> Iterator[tuple[str, bytes]]:
    """Read every row of every table, as a dump of the database would write it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace"
            " and has_table_privilege(oid, 'select') order by 1"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'select kept::text from "{name}" kept')
            yield name, "\n".join(text for (text,) in cursor.fetchall()).encode()


def remembered() -> Iterator[tuple[str, bytes]]:
    """Read everything in Redis: keys, values, and the bells of Celery with what they carry."""
    store = redis.Redis.from_url(settings.REDIS_URL)
    read = {b"string": store.get, b"list": lambda key: store.lrange(key, 0, -1), b"hash": store.hgetall}
    read |= {b"set": store.smembers, b"zset": lambda key: store.zrange(key, 0, -1, withscores=True)}
    for key in store.scan_iter(count=1000):
        kind = store.type(key)
        yield f"redis {key!r}", key + (repr(read[kind](key)).encode() if kind in read else b"")
    store.close()


def printed(told: Story) -> Iterator[tuple[str, bytes]]:
    """Open each concluded document: the file itself, and every stream in it unpacked, the metadata among them."""
    for document in told.version.documents.all():
        content, unpacked = content_of(document), io.BytesIO()
        with pikepdf.open(io.BytesIO(content)) as pdf:
            pdf.save(unpacked, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
        yield f"document {document.order}", content + unpacked.getvalue()


def filed(since: float) -> Iterator[tuple[str, bytes]]:
    """Read what was written into the vault; what is written aside at this moment, by another test, may go."""
    for path in Path(settings.FILES_ROOT).rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime >= since:
                yield str(path), path.read_bytes()


def sign(told: Story, code: str, browser: Client, address: str) -> None:
    """Open the mailed address, give the code, sign, and let the city and the worker do theirs."""
    page = enter(browser, address)
    browser.post(f"{page}code/", {"code": code})
    browser.get(page)
    browser.post(f"{page}confirm/")
    browser.post(f"{page}finish/")
    told.seal()
    step = told.step(2)
    signing.instruct(
        step, actor=factories.actor(step.user, told.tenant), at=timezone.now(), authentication="認証アプリ"
    )
    told.seal()
    assert concluding.conclude(told.version, at=timezone.now(), trust=setup.trust())


def test_what_opens_a_contract_is_in_one_mail_and_nowhere_else(
    server: Any, written: io.StringIO, django_capture_on_commit_callbacks: Any
) -> None:
    browser, began = Client(), time.time() - 2
    with django_capture_on_commit_callbacks(execute=True):
        told = asking_for("access_code").sent()
        address = link_in(newest(told, "signature_requested")).removeprefix(settings.BASE_URL)
        tasks.deliver()
        code = made(told)
        sign(told, code, browser, address)
        download = link_in(newest(told, "concluded")).removeprefix(settings.BASE_URL)
        tasks.deliver()
        enter(Client(), download)
        system = connect(told.tenant)
        system.get("/cases", HTTP_REFERER=f"{settings.BASE_URL}{address}", HTTP_USER_AGENT="x")
    assert told.version.state == VersionState.CONCLUDED

    mailed = {"sign": address.strip("/").split("/")[-1], "download": download.strip("/").split("/")[-1]}
    told_once = {"code": code, "code without hyphens": code.replace("-", ""), "token": system.secret}
    places = dict([*rows(), *remembered(), *printed(told)])
    places["log"] = written.getvalue().encode()
    places |= dict(filed(began))

    assert holds(places["contracts_case"], told.case.number), "who searches would find"
    assert [path for path in places if path.startswith(str(settings.FILES_ROOT))]
    assert all(holds(base64.b64encode(b"?" * shift + code.encode() + b"?"), code) for shift in range(3))
    assert told.step(1).name.encode() in places["contracts_signingstep"]
    secrets = (mailed | told_once).items()
    assert [(place, name) for place, kept in places.items() for name, text in secrets if holds(kept, text)] == []
    letters = [text_of(envelope.content) for envelope in server.received]
    carried = {name: sum(text.encode() in letter for letter in letters) for name, text in (mailed | told_once).items()}
    assert {name for name, count in carried.items() if count} == set(mailed)
    assert carried["sign"] == 1


def text_of(letter: bytes) -> bytes:
    """Read the parts of a mail as its reader sees them."""
    return b"".join(part.get_payload(decode=True) or b"" for part in email.message_from_bytes(letter).walk())
