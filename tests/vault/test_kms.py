"""The master key in a key management service, spoken to over HTTP."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import boto3
import pytest
from django.core.management import CommandError, call_command

from accounts.tenancy import acting_for
from config.safety import engines
from tests import factories
from vault import fields, files, keys, keysets, kms, masters
from vault.models import StoredFile, TenantKey

PLAIN = b"contract"
REGION = "ap-northeast-1"
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(f"http://{LOOPBACK}:{port}/moto-api/data.json")
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.kill()


def _wait(address: str) -> None:
    ends = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            assert time.monotonic() < ends, "KMS が始まりません"
            time.sleep(0.2)
        else:
            return


def place(endpoint: str) -> dict[str, str]:
    signs = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return {"region_name": REGION, "endpoint_url": endpoint, **signs}


@pytest.fixture
def new_key(endpoint: str):
    client = boto3.client("kms", **place(endpoint))
    return lambda: client.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def service(endpoint: str, new_key, settings) -> None:
    settings.VAULT_KMS = place(endpoint)
    settings.VAULT_KMS_KEY = [new_key()]
    settings.VAULT_MASTER = "kms"


@pytest.fixture
def away(monkeypatch, settings):
    """Make a function that takes the service away."""

    def take_away() -> None:
        monkeypatch.setattr(kms, "PATIENCE", kms.PATIENCE.merge(kms.Config(retries={"total_max_attempts": 1})))
        settings.VAULT_KMS = place(f"http://{LOOPBACK}:{free_port()}")

    return take_away


def test_a_city_key_is_wrapped_by_the_service_and_opens_without_a_local_one(in_city, service, settings):
    settings.VAULT_MASTER_KEYSET = ""

    stored = files.store(tenant_id=in_city, content=PLAIN)

    wrapped = bytes(TenantKey.objects.get(tenant_id=in_city).wrapped_keyset)
    assert keysets.inside(wrapped).startswith(kms.MARK)
    keys._primitive.cache_clear()
    assert files.read(stored) == PLAIN


def test_the_service_is_asked_once_for_a_city(in_city, service, settings, monkeypatch):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    files.read(stored)
    monkeypatch.setattr(kms.kms(), "_ask", None)

    assert files.read(stored) == PLAIN
    with pytest.raises(TypeError):
        kms.kms().wrap(PLAIN, b"1")


def test_a_keyset_of_one_city_does_not_open_under_the_name_of_another(in_city, service):
    files.store(tenant_id=in_city, content=PLAIN)
    stolen = bytes(TenantKey.objects.get(tenant_id=in_city).wrapped_keyset)

    with acting_for(in_city + 1):
        TenantKey.objects.create(tenant_id=in_city + 1, wrapped_keyset=stolen)
        with pytest.raises((files.Damaged, kms.Unavailable)):
            keys.city(in_city + 1)


def test_a_keyset_that_no_key_of_ours_wrapped_does_not_open(in_city, service, new_key, settings):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    settings.VAULT_KMS_KEY = [new_key()]

    with pytest.raises(files.Damaged, match="開けません"):
        files.read(stored)


def test_while_the_service_is_away_nothing_opens_and_nothing_is_kept_otherwise(in_city, service, away):
    stored = files.store(tenant_id=in_city, content=PLAIN)
    away()

    with pytest.raises(kms.Unavailable, match="届きません"):
        files.read(stored)
    with acting_for(in_city + 1), pytest.raises(kms.Unavailable, match="届きません"):
        fields.seal("secret", tenant_id=in_city + 1, context="test")
    assert not TenantKey.objects.filter(tenant_id=in_city + 1).exists()


def test_what_the_service_refuses_is_told_apart_from_damage(in_city, service, settings):
    settings.VAULT_KMS_KEY = [settings.VAULT_KMS_KEY[0] + "0"]

    with pytest.raises(kms.Unavailable, match="断りました"):
        files.store(tenant_id=in_city, content=PLAIN)


def test_production_does_not_begin_while_the_service_does_not_wrap(service, away):
    assert list(engines._kms()) == []
    away()

    assert [fault.name for fault in engines._kms()] == ["VAULT_KMS_KEY"]


def test_no_other_key_wraps_than_the_one_that_was_named(settings):
    settings.VAULT_MASTER = "kms"

    with pytest.raises(ValueError, match="no such master key"):
        masters.master()


def test_cities_move_into_the_service_and_back_with_no_file_rewritten(db, service, settings, vault_root):
    settings.VAULT_MASTER = "local"
    city = factories.city("tosu")
    stored = files.store(tenant_id=city.pk, content=PLAIN)
    written = (vault_root / stored.path).read_bytes()
    local = settings.VAULT_MASTER_KEYSET

    settings.VAULT_MASTER = "kms"
    call_command("rotate_keys", "--master")
    settings.VAULT_MASTER_KEYSET = ""
    assert files.read(StoredFile.objects.get(pk=stored.pk)) == PLAIN

    settings.VAULT_MASTER, settings.VAULT_MASTER_KEYSET = "local", local
    call_command("rotate_keys", "--master")
    settings.VAULT_KMS_KEY = []
    assert files.read(StoredFile.objects.get(pk=stored.pk)) == PLAIN
    assert masters.master().names()[0].startswith("local:")
    assert (vault_root / stored.path).read_bytes() == written


def test_the_key_in_the_service_gives_way_to_a_new_one(db, service, settings, new_key):
    city = factories.city("tosu")
    stored = files.store(tenant_id=city.pk, content=PLAIN)
    settings.VAULT_KMS_KEY = [new_key(), *settings.VAULT_KMS_KEY]

    call_command("rotate_keys", "--master")
    settings.VAULT_KMS_KEY = settings.VAULT_KMS_KEY[:1]

    assert files.read(StoredFile.objects.get(pk=stored.pk)) == PLAIN


def test_a_city_key_is_rotated_under_the_service(db, service):
    city = factories.city("tosu")
    stored = files.store(tenant_id=city.pk, content=PLAIN)

    call_command("rotate_keys", "--city", "tosu", "--older-than", "0")

    newest = keys.newest(city.pk)
    assert newest is not None
    assert newest.version == 2
    keys._primitive.cache_clear()
    assert files.read(StoredFile.objects.get(pk=stored.pk)) == PLAIN


def test_a_rotation_stops_in_words_while_the_service_is_away(db, service, away):
    city = factories.city("tosu")
    stored = files.store(tenant_id=city.pk, content=PLAIN)
    settled = bytes(StoredFile.objects.get(pk=stored.pk).wrapped_key)
    away()

    with pytest.raises(CommandError, match="届きません"):
        call_command("rotate_keys", "--city", "tosu", "--older-than", "0")

    assert bytes(StoredFile.objects.get(pk=stored.pk).wrapped_key) == settled
