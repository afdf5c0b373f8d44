"""What is counted, who may read it, and that every alert asks for something that is there."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings as ours
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from accounts import tenancy
from accounts.models import OrganizationKind
from config.metrics import page, queues, remains, requests
from contracts.models import RecordCheck
from notifications import counts as mail_counts
from signing.timestamps import counts as stamp_counts
from tests import factories
from vault.models import BackupRun

TOKEN = "prometheus-may-read"
ALERTS = yaml.safe_load((ours.BASE_DIR / "deploy/prometheus/alerts.yml").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
SUFFIXES = ("", "_total", "_count", "_sum", "_bucket")


def scraped(settings, token=TOKEN):
    """Ask as Prometheus does: by the name of the container, not by the site's."""
    settings.METRICS_TOKEN = TOKEN
    return Client().get("/metrics", headers={"host": "web:8000", "authorization": f"Bearer {token}"})


def told(settings):
    """Return the values of what is scraped, by name and labels."""
    families = text_string_to_metric_families(scraped(settings).content.decode())
    return {(sample.name, *sample.labels.values()): sample.value for each in families for sample in each.samples}


@pytest.mark.django_db
def test_whoever_knows_the_token_reads_what_waits(settings):
    answer = scraped(settings)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    values = told(settings)
    assert values["musubi_database_up",] == 1
    assert values["musubi_queue_waiting", "seal"] == 0
    assert values["musubi_queue_oldest_seconds", "mail"] == 0
    assert values["musubi_database_durable",] == 0  # 試験のデータベースは、忘れてよい


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "文字"])
def test_to_anybody_else_there_is_nothing(settings, token):
    settings.ALLOWED_HOSTS = ["*"]

    answer = scraped(settings, token)

    assert answer.status_code == 404
    assert b"musubi_" not in answer.content


@pytest.mark.django_db
def test_without_a_token_nobody_reads(settings):
    settings.METRICS_TOKEN = ""

    answer = Client().get("/metrics", headers={"authorization": "Bearer "})

    assert answer.status_code == 404


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_never_by_address(settings):
    def seen():
        samples = [sample for family in requests.SECONDS.collect() for sample in family.samples]
        return {tuple(each.labels.values())[:3]: each.value for each in samples if each.name.endswith("_count")}

    before = seen()
    Client().get("/accounts/login/")
    Client().get("/no-such-page-of-yamada-taro/")

    after = seen()
    assert after["account_login", "GET", "200"] == before.get(("account_login", "GET", "200"), 0) + 1
    assert after["none", "GET", "404"] == before.get(("none", "GET", "404"), 0) + 1
    assert "yamada" not in repr(after)


@pytest.mark.django_db
def test_checks_are_summed_over_cities_that_the_asker_does_not_see(settings):
    sound, broken, never = map(factories.city, ("city-sound", "city-broken", "city-never"))
    for city, flaws in ((sound, 0), (broken, 2)):
        with tenancy.acting_for(city.pk):
            now = timezone.now()
            RecordCheck.unscoped.create(tenant=city, asked_at=now, due_at=now, done_at=now, flaws=flaws)

    values = told(settings)

    assert values["musubi_check_flaws",] == 2
    assert values["musubi_check_cities_behind",] >= 1
    assert values["musubi_cities",] >= 3
    for city in (sound, broken, never):
        assert f'"{city.slug}"' not in scraped(settings).content.decode()


@pytest.mark.django_db
def test_a_city_without_its_nightly_check_for_two_days_is_behind(settings):
    city = factories.city("behind")
    before = told(settings)["musubi_check_cities_behind",]
    with tenancy.acting_for(city.pk):
        long_ago = timezone.now() - timedelta(days=3)
        RecordCheck.unscoped.create(tenant=city, asked_at=long_ago, due_at=long_ago, done_at=long_ago)
    assert told(settings)["musubi_check_cities_behind",] == before

    with tenancy.acting_for(city.pk):
        now = timezone.now()
        RecordCheck.unscoped.create(tenant=city, asked_at=now, due_at=now, done_at=now)

    assert told(settings)["musubi_check_cities_behind",] == before - 1


@pytest.mark.django_db
def test_work_that_is_due_has_an_age_and_what_failed_is_counted(settings):
    city = factories.city("behind")
    with tenancy.acting_for(city.pk):
        since = timezone.now() - timedelta(minutes=20)
        RecordCheck.unscoped.create(tenant=city, asked_at=since, due_at=since, last_error="読めません。")

    values = told(settings)

    assert values["musubi_queue_waiting", "check"] == 1
    assert 1200 <= values["musubi_queue_oldest_seconds", "check"] < 1800
    assert values["musubi_queue_failing", "check"] == 1

    city.kind = OrganizationKind.FORMER
    city.save(update_fields=["kind"])

    gone = told(settings)
    assert (gone["musubi_queue_waiting", "check"], gone["musubi_queue_failing", "check"]) == (0, 0)


@pytest.mark.django_db
def test_the_last_good_backup_has_an_age_and_a_failed_one_does_not_count(settings):
    now = timezone.now()
    BackupRun.objects.create(began_at=now - timedelta(hours=30), ended_at=now)
    BackupRun.objects.create(began_at=now, ended_at=now, problem="置き場に書けません。")

    age = told(settings)["musubi_backup_age_seconds",]

    assert 29 * 3600 < age < 31 * 3600


def test_what_ended_processes_counted_is_kept(tmp_path, settings):
    """Two processes count and end; their files become one, and nothing is lost."""
    code = "from prometheus_client import Counter; Counter('things', 'x', ['kind']).labels('a').inc(3)"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    pids = []
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", code], env=environment)
        process.wait()
        pids.append(process.pid)

    for pid in pids:
        remains.take_over(str(tmp_path), pid)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["counter_ended.db"]
    settings.PROMETHEUS_MULTIPROC_DIR = str(tmp_path)
    assert page.counted().get_sample_value("things_total", {"kind": "a"}) == 6


def known_names() -> set[str]:
    mail_counts.MAILS.labels("sent")
    with stamp_counts.asked("甲"):
        pass
    rows = [family for family in queues.RowsCollector().collect() if family.name]
    return {f.name for f in (*REGISTRY.collect(), *rows) if f.name.startswith("musubi_")}


@pytest.mark.django_db
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_what_is_measured(rule):
    names = {name + suffix for name in known_names() for suffix in SUFFIXES}

    asked = set(re.findall(r"musubi_\w+", rule["expr"]))

    assert asked
    assert asked <= names
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith("。")
    assert rule["expr"].count("(") == rule["expr"].count(")")


def test_every_alert_has_its_answer_in_the_handbook():
    handbook = Path(ours.BASE_DIR / "docs/operations.md").read_text()

    assert [rule["alert"] for rule in RULES if f"`{rule['alert']}`" not in handbook] == []
