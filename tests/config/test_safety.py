"""In production nothing starts with an unsafe value, and every one is named with what to do."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings as ours
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config.safety import engines, gate, hosts, values

SOUND = {
    "BASE_URL": "https://keiyaku.city.tosu.lg.jp",
    "DEBUG": False,
    "SECRET_KEY": "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3-4_5=6",
    "SECURE_SSL_REDIRECT": True,
    "ALLOWED_HOSTS": ["keiyaku.city.tosu.lg.jp"],
    "TEST_CERTIFICATE": False,
    "MAILBOX_URL": "",
    "BEHIND_PROXY": True,
    "TRUSTED_PROXIES": ["172.30.0.0/24"],
    "EMAIL_HOST": "smtp.city.tosu.lg.jp",
    "EMAIL_HOST_PASSWORD": "secret",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "MAIL_FROM": "keiyaku@city.tosu.lg.jp",
    "OPERATORS": ["unyo@city.tosu.lg.jp"],
    "REDIS_URL": "redis://:secret@redis:6379/0",
    "DATABASES": {
        "default": {"HOST": "postgres", "USER": "musubi_app"},
        "ops": {"HOST": "postgres", "USER": "musubi_ops"},
        "owner": {"HOST": "127.0.0.1", "USER": "offline"},
    },
}
OURS = ("VAULT_MASTER_KEYSET", "VAULT_MASTER", "VAULT_KMS_KEY", "VAULT_KMS", "TSA_LIST", "TSA_URLS")
OWNED = {"owner": {"HOST": "postgres", "USER": "musubi_owner"}}
ABROAD = {"default": {"HOST": "db.example.jp", "USER": "musubi_app"}}


def faults(**changed):
    """List the faults of a sound production with some settings changed."""
    given = SOUND | {name: getattr(ours, name) for name in OURS} | changed
    return values.faults(SimpleNamespace(**given))


def test_a_sound_production_has_no_fault():
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DEBUG", True, "DEBUG"),
        ("BASE_URL", "http://keiyaku.city.tosu.lg.jp", "BASE_URL"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("SECRET_KEY", "ab" * 40, "SECRET_KEY"),
        ("SECRET_KEY", "django-insecure-0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT", "SECRET_KEY"),
        ("SECURE_SSL_REDIRECT", False, "SECURE_SSL_REDIRECT"),
        ("ALLOWED_HOSTS", ["*"], "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", [".tosu.lg.jp"], "ALLOWED_HOSTS"),
        ("TEST_CERTIFICATE", True, "TEST_CERTIFICATE"),
        ("MAILBOX_URL", "http://localhost:8025/", "MAILBOX_URL"),
        ("TRUSTED_PROXIES", [], "TRUSTED_PROXIES"),
        ("EMAIL_USE_TLS", False, "EMAIL_URL"),
        ("MAIL_FROM", "noreply@musubi.example.jp", "MAIL_FROM"),
        ("OPERATORS", [], "OPERATORS"),
        ("VAULT_MASTER_KEYSET", "", "VAULT_MASTER_KEYSET"),
        ("VAULT_MASTER", "kms", "VAULT_MASTER"),
        ("VAULT_MASTER", "lokal", "VAULT_MASTER"),
        ("REDIS_URL", "redis://redis:6379/0", "REDIS_URL"),
        ("REDIS_URL", "redis://203.0.113.9:6379/0", "REDIS_URL"),
        ("TSA_URLS", [], "TSA_LIST・TSA_URLS"),
        ("DATABASES", SOUND["DATABASES"] | OWNED, "DATABASE_OWNER_URL"),
        ("DATABASES", SOUND["DATABASES"] | ABROAD, "DATABASE_URL"),
    ],
    ids=lambda given: given if isinstance(given, str) and given.isidentifier() and given.isupper() else "",
)
def test_an_unsafe_value_is_named_with_what_to_do(name, value, named):
    (fault,) = faults(**{name: value})

    assert fault.name == named
    assert fault.why.endswith("。")
    assert fault.remedy.endswith("。")


def test_a_key_service_across_plain_http_is_named():
    place = {"VAULT_KMS_KEY": ["alias/musubi"], "VAULT_KMS": ours.VAULT_KMS | {"endpoint_url": "http://kms.example.jp"}}

    assert [fault.name for fault in faults(**place)] == ["VAULT_KMS_ENDPOINT_URL"]


def test_a_keyset_that_is_none_is_named(settings):
    settings.VAULT_MASTER_KEYSET = "bm90IGEga2V5c2V0"

    assert [fault.name for fault in faults()] == ["VAULT_MASTER_KEYSET"]


@pytest.mark.parametrize(
    ("url", "is_production"),
    [
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("https://localhost", True),
        ("http://192.168.1.5:8000", True),
        ("https://keiyaku.city.tosu.lg.jp", True),
    ],
)
def test_it_is_production_once_others_may_open_it(url, is_production):
    assert values.is_production(SimpleNamespace(BASE_URL=url)) is is_production


@pytest.mark.parametrize(
    ("host", "is_private"),
    [("postgres", True), ("10.1.2.3", True), ("localhost", True), ("db.internal", True), ("db.city.jp", False)],
)
def test_a_bare_name_or_a_private_address_is_within_the_walls(host, is_private):
    assert hosts.is_private(host) is is_private


@pytest.mark.parametrize("name", sorted(engines.DURABLE))
def test_a_database_that_may_forget_a_commit_is_named(name):
    sound = dict.fromkeys(engines.DURABLE, "on")

    assert list(engines.lasting(sound)) == []
    assert [fault.name for fault in engines.lasting(sound | {name: "off"})] == [f"PostgreSQL の {name}"]


def test_each_power_of_a_role_is_named():
    assert len(list(engines.powers("DATABASE_URL", (True, True, True, True)))) == len(engines.POWERS)
    assert list(engines.powers("DATABASE_URL", (False, False, False, False))) == []


@pytest.mark.django_db(databases=["owner"])
def test_the_owner_of_the_tables_may_not_serve():
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(engines.ROLES)
        held = cursor.fetchone()

    assert "表を所有しているので、行の壁を外せます。" in [fault.why for fault in engines.powers("DATABASE_URL", held)]


def test_on_one_machine_nothing_is_refused(settings, capsys):
    settings.BASE_URL, settings.DEBUG = "http://localhost:8000", True

    gate.refuse_unsafe()

    assert capsys.readouterr().err == ""


def test_the_same_is_seen_by_a_command(settings):
    settings.DEBUG, settings.MAILBOX_URL = True, "http://localhost:8025/"

    with pytest.raises(SystemCheckError) as refused:
        call_command("check", "--deploy", "--tag", "safety")

    assert "(safety.E001) DEBUG: " in str(refused.value)
    assert "(safety.E001) MAILBOX_URL: " in str(refused.value)


SERVERS = {
    "web": ["gunicorn", "--config", "python:config.gunicorn", "--bind", "127.0.0.1:0", "--preload"],
    # 二つの子が同時に断ると、gunicorn は止まる途中でもう一つに出会い、別の番号で終わることがある
    "web, not preloaded": ["gunicorn", "--config", "python:config.gunicorn", "--bind", "127.0.0.1:0", "--workers", "1"],
    "worker": ["celery", "-A", "config", "worker", "--pool", "solo", "--queues", "nobody-rings"],
    "beat": ["celery", "-A", "config", "beat", "--schedule", "{tmp}/schedule"],
}


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_nothing_that_serves_starts_in_production_with_unsafe_values(server, tmp_path):
    """The database of the tests is made to forget: with all else in order, that alone keeps all from starting."""
    sound = {
        "BASE_URL": SOUND["BASE_URL"],
        "SECRET_KEY": SOUND["SECRET_KEY"],
        "ALLOWED_HOSTS": "",
        "DEBUG": "false",
        "TEST_CERTIFICATE": "false",
        "MAILBOX_URL": "",
        "MAIL_FROM": SOUND["MAIL_FROM"],
        "OPERATORS": SOUND["OPERATORS"][0],
    }
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"} | sound
    command = [sys.executable, "-m", *(word.format(tmp=tmp_path) for word in SERVERS[server])]

    done = subprocess.run(
        command, cwd=ours.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == gate.UNSAFE
    assert gate.REFUSED in done.stderr
    named = {line.split(":")[0].strip(" -") for line in done.stderr.splitlines() if line.startswith("  - ")}
    assert named == {f"PostgreSQL の {name}" for name in engines.DURABLE}
