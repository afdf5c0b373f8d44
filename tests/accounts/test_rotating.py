"""The keys at rest change while everybody works on; nothing becomes unreadable, at whatever instant it stops."""

import base64
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from accounts import installation_secrets, rotating
from accounts.models import Organization, Role
from accounts.tenancy import acting_for
from audit import verifying
from audit.models import Event
from guarantees.models import Institution
from notifications.models import Delivery
from tests import factories
from tests.copies import database_copy, environment
from vault import fields, files, keys, masters, rewrapping, versions
from vault.columns import SealedField
from vault.models import StoredFile, TenantKey

NOW = timedelta(0)
LATER = rotating.GRACE + timedelta(minutes=1)
TOKEN = "窓口の合言葉-42"
LINK = "https://musubi.example.jp/l/himitsu"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_master(settings) -> None:
    settings.VAULT_MASTER_KEYSET = masters.new_keyset()


@pytest.fixture
def city(db) -> Organization:
    return factories.city("tosu")


def institution(city: Organization) -> Institution:
    row, _ = Institution.unscoped.get_or_create(tenant=city, name="西日本建設業保証")
    row.sealed_registry_token = fields.seal(TOKEN, tenant_id=city.pk, context=row.token_context)
    row.save()
    return row


def delivery(city: Organization) -> Delivery:
    row = Delivery(tenant=city, key="rotate:1", to="a@example.jp", template="contracts/invited")
    row.sealed_link = fields.seal(LINK, tenant_id=city.pk, context=row.link_context)
    row.created_at = row.next_attempt_at = timezone.now()
    row.save()
    return row


def actions(city: Organization) -> list[str]:
    return [each.action for each in Event.objects.of_tenant(city.pk) if each.action.startswith("keys.")][::-1]


def test_every_sealed_column_is_known_to_the_rotation_and_names_its_context():
    sealed = {
        f"{model._meta.db_table}.{each.column}": (model, each)
        for model in apps.get_models()
        for each in model._meta.concrete_fields
        if each.name.startswith("sealed_") and isinstance(each, models.BinaryField)
    }

    assert len(sealed) >= 7
    for name, (model, each) in sealed.items():
        assert isinstance(each, SealedField), f"{name} は SealedField で持ちます"
        assert isinstance(getattr(model, each.context), property), name
        assert model._meta.pk.column == "id", name
    assert {str(place) for place in rewrapping.places()} == {"vault_storedfile.wrapped_key", *sealed}


def test_only_the_secrets_of_authenticators_are_sealed_for_the_installation():
    callers = {
        str(path.relative_to(ROOT))
        for app in ("accounts", "config", "contracts", "guarantees", "notifications", "signing")
        for path in (ROOT / app).rglob("*.py")
        if "seal_for_installation(" in path.read_text()
    }

    assert callers == {"accounts/adapter.py", "accounts/installation_secrets.py"}


def test_a_rotation_puts_every_key_under_the_new_version_and_leaves_the_files_as_they_are(city):
    stored = files.store(tenant_id=city.pk, content=b"contract")
    wrapped, told, mail = bytes(stored.wrapped_key), institution(city), delivery(city)

    report = rotating.rotate(city.pk, at=timezone.now(), older_than=NOW)

    assert report is not None
    assert (report.version, report.moved, report.waiting, report.broken) == (2, 3, 0, [])
    row = StoredFile.objects.get(pk=stored.pk)
    assert bytes(row.wrapped_key) != wrapped
    assert files.read(row) == b"contract"
    told.refresh_from_db()
    mail.refresh_from_db()
    assert fields.unseal(told.sealed_registry_token, tenant_id=city.pk, context=told.token_context) == TOKEN
    assert fields.unseal(mail.sealed_link, tenant_id=city.pk, context=mail.link_context) == LINK
    assert actions(city) == ["keys.versioned", "keys.rewrapped"]


def test_a_reader_who_holds_a_row_from_before_still_opens_it_after_the_old_version_is_gone(city):
    held = files.store(tenant_id=city.pk, content=b"contract")
    at = timezone.now()
    rotating.rotate(city.pk, at=at, older_than=NOW)

    assert rotating.retire(city.pk, at=at + LATER)

    assert files.read(held) == b"contract"


def test_the_old_version_goes_only_after_its_grace_and_opens_nothing_any_more(city):
    stored = files.store(tenant_id=city.pk, content=b"contract")
    old = bytes(stored.wrapped_key)
    at = timezone.now()
    rotating.rotate(city.pk, at=at, older_than=NOW)

    assert not rotating.retire(city.pk, at=at + timedelta(minutes=59))
    assert rotating.retire(city.pk, at=at + LATER)

    assert [row.version for row in TenantKey.objects.filter(tenant_id=city.pk)] == [2]
    with pytest.raises(keys.tink.TinkError):
        keys.file_cipher(old, keys.city(city.pk), tenant_id=city.pk, sha256=stored.sha256)
    assert files.read(StoredFile.objects.get(pk=stored.pk)) == b"contract"
    assert actions(city)[-1] == "keys.retired"
    assert verifying.verify_chain(tenant_id=city.pk).intact


def test_a_version_under_which_something_was_written_meanwhile_is_kept(city):
    stored = files.store(tenant_id=city.pk, content=b"contract")
    old = bytes(stored.wrapped_key)
    at = timezone.now()
    rotating.rotate(city.pk, at=at, older_than=NOW)
    StoredFile.objects.filter(pk=stored.pk).update(wrapped_key=old)

    assert not rotating.retire(city.pk, at=at + LATER)

    assert TenantKey.objects.filter(tenant_id=city.pk).count() == 2
    assert files.read(StoredFile.objects.get(pk=stored.pk)) == b"contract"
    assert "keys.retired" not in actions(city)


def test_what_does_not_open_is_named_and_keeps_the_old_version(city):
    broken = institution(city)
    broken.sealed_registry_token = bytes(broken.sealed_registry_token)[:-1] + b"?"
    broken.save()

    report = rotating.rotate(city.pk, at=timezone.now(), older_than=NOW)

    assert report is not None
    assert report.broken == [f"guarantees_institution.sealed_registry_token {broken.pk}"]
    assert not rotating.retire(city.pk, at=timezone.now() + LATER)


def test_a_young_key_is_left_alone_and_a_city_without_one_has_nothing_to_rotate(city):
    assert rotating.rotate(city.pk, at=timezone.now(), older_than=NOW) is None

    files.store(tenant_id=city.pk, content=b"contract")

    assert rotating.rotate(city.pk, at=timezone.now(), older_than=timedelta(days=1)) is None


def test_the_master_key_is_replaced_without_touching_a_file(city, settings):
    stored = files.store(tenant_id=city.pk, content=b"contract")
    first = settings.VAULT_MASTER_KEYSET
    settings.VAULT_MASTER_KEYSET = masters.with_a_new_key(first)
    assert files.read(stored) == b"contract"

    told = StringIO()
    call_command("rotate_keys", "--master", stdout=told)

    settings.VAULT_MASTER_KEYSET = masters.with_its_newest_key(settings.VAULT_MASTER_KEYSET)
    assert files.read(stored) == b"contract"
    assert "設定から外せます" in told.getvalue()
    settings.VAULT_MASTER_KEYSET = first
    with pytest.raises(files.Damaged, match="親鍵で開けません"):
        files.read(stored)
    assert actions(city) == ["keys.moved"]


def test_the_secrets_of_authenticators_follow_the_key_of_the_installation(city, settings):
    person = factories.member(city, Role.DRAFTER)
    sealed = masters.master().encrypt(b"JBSWY3DPEHPK3PXP", b"installation|mfa")
    Authenticator.objects.create(user=person, type="totp", data={"secret": base64.b64encode(sealed).decode()})
    at = timezone.now()

    moved = [installation_secrets.rotate(at=at, older_than=NOW, grace=rotating.GRACE) for _ in range(2)]
    installation_secrets.rotate(at=at + LATER, older_than=None, grace=rotating.GRACE)

    secret = base64.b64decode(Authenticator.objects.get(user=person).data["secret"])
    assert moved == [1, 0]
    assert versions.of_installation().count() == 1
    assert fields.unseal_for_installation(secret, context="mfa") == "JBSWY3DPEHPK3PXP"


def test_a_city_that_cannot_be_opened_is_named_and_does_not_stop_the_others(city, settings):
    files.store(tenant_id=city.pk, content=b"contract")
    settings.VAULT_MASTER_KEYSET = masters.new_keyset()
    other = factories.city("usuki")
    files.store(tenant_id=other.pk, content=b"contract")
    complaints = StringIO()

    with pytest.raises(CommandError, match="もう一度動かす"):
        call_command("rotate_keys", "--older-than", "0", stderr=complaints, stdout=StringIO())

    assert city.name in complaints.getvalue()
    with acting_for(other.pk):
        assert versions.of_city(other.pk).count() == 2


# ここから先は、確定した行を幾つものプロセスが見る --------------------------------------------------------
MANY = 250


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    with django_db_blocker.unblock(), database_copy("rotating") as name, environment(name, redis=15):
        yield name


@pytest.fixture
def full_city(committed: str, settings, monkeypatch, tmp_path) -> Organization:
    monkeypatch.setenv("VAULT_MASTER_KEYSET", settings.VAULT_MASTER_KEYSET)
    city = Organization.objects.create(slug=f"machi-{secrets.token_hex(4)}", name="町", kind="municipality")
    with acting_for(city.pk):
        for number in range(MANY):
            files.store(tenant_id=city.pk, content=b"%d" % number)
    return city


def rotation(city: Organization) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "manage.py", "rotate_keys", "--city", city.slug, "--older-than", "0"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def under_old(city: Organization) -> int:
    """Count the files that are not under the second version yet."""
    with acting_for(city.pk):
        rows = list(versions.of_city(city.pk))
        number = versions.number_in_use(rows[-1])
        return MANY if len(rows) == 1 else len(rewrapping.left(rewrapping.places()[0], city.pk, number))


def contents(city: Organization) -> set[bytes]:
    with acting_for(city.pk):
        return {files.read(row) for row in StoredFile.objects.filter(tenant_id=city.pk)}


@pytest.mark.parametrize("left", [MANY, MANY - 1, 1], ids=["before", "begun", "nearly"])
def test_a_rotation_that_is_killed_leaves_everything_readable_and_is_finished_by_the_next(full_city, left):
    everything = {b"%d" % number for number in range(MANY)}
    killed = rotation(full_city)
    while under_old(full_city) > left and killed.poll() is None:
        time.sleep(0.005)
    killed.kill()
    killed.wait()

    assert contents(full_city) == everything

    assert rotation(full_city).wait(120) == 0
    assert under_old(full_city) == 0
    assert contents(full_city) == everything
    with acting_for(full_city.pk):
        assert versions.of_city(full_city.pk).count() == 2
    assert rotating.retire(full_city.pk, at=timezone.now() + LATER)
    assert contents(full_city) == everything


def test_readers_and_writers_work_while_a_city_rotates_and_retires(full_city):
    def write_and_read(worker: int) -> int:
        done = 0
        try:
            while not over(at=started):
                with acting_for(full_city.pk):
                    stored = files.store(tenant_id=full_city.pk, content=b"%d/%d" % (worker, done))
                with acting_for(full_city.pk):
                    assert files.read(StoredFile.objects.get(pk=stored.pk)) == b"%d/%d" % (worker, done)
                    assert files.read(StoredFile.objects.filter(tenant_id=full_city.pk).order_by("?")[0])
                done += 1
        finally:
            connection.close()
        return done

    def over(*, at: float) -> bool:
        return finished.is_file() or time.monotonic() > at + 60

    started, finished = time.monotonic(), Path(django_settings.FILES_ROOT) / f"over-{full_city.pk}"
    finished.unlink(missing_ok=True)
    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(write_and_read, number) for number in range(3)]
        now = timezone.now()
        for _round in range(3):
            rotating.rotate(full_city.pk, at=now, older_than=NOW)
            now = retired(full_city, at=now)
        finished.touch()
        assert all(each.result(90) > 0 for each in working)
    finished.unlink()

    with acting_for(full_city.pk):
        assert [row.version for row in versions.of_city(full_city.pk)] == [4]
    assert len(contents(full_city)) >= MANY


def retired(city: Organization, *, at: datetime) -> datetime:
    """Retire as every night does, until no writer is in the way; give the night it was."""
    for _night in range(200):
        at += LATER
        if rotating.go_on(city.pk, at=at):
            return at
    raise AssertionError("古い版がいつまでも残っています。")


def test_an_older_version_with_which_somebody_still_writes_is_not_taken_away(full_city):
    with ThreadPoolExecutor(1) as pool, acting_for(full_city.pk):
        files.store(tenant_id=full_city.pk, content=os.urandom(8))
        assert pool.submit(_rotate_and_retire, full_city.pk).result(120) is False

    nights = [rotating.go_on(full_city.pk, at=timezone.now() + night * LATER) for night in (1, 2)]
    assert nights == [False, True]
    assert len(contents(full_city)) == MANY + 1


def _rotate_and_retire(tenant_id: int) -> bool:
    try:
        rotating.rotate(tenant_id, at=timezone.now(), older_than=NOW)
        return rotating.retire(tenant_id, at=timezone.now() + LATER)
    finally:
        connection.close()
