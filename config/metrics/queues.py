"""What the rows say: the work that waits, the certificates, the anchors, the checks. Asked anew at every scrape."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from accounts import clock
from audit.models import Anchor
from config.safety import engines
from contracts.models import Certificate
from vault.models import BackupRun

# 市を越えて数え、数だけを返す関数（移行が作る）。市の名も行も返さない
HOW_IT_GOES = (
    *("contracts_how_it_goes", "contracts_how_telling_goes", "contracts_how_old_answers_are"),
    *("guarantees_how_it_goes", "notifications_how_it_goes"),
)
DAY = 86_400


class RowsCollector:
    """A collector whose answer is as old as the question."""

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge; when the database does not answer, only that."""
        at = timezone.now()
        found: list[Metric] = []
        with suppress(DatabaseError), transaction.atomic():
            for family in (_queues, _lost_mails, _checks, _anchors, _certificates, _backups, _database):
                found += family(at)
        yield _gauge("musubi_database_up", "データベースが答えるか", 1 if found else 0)
        yield from found


def _gauge(name: str, text: str, value: float | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text)
    if value is not None:
        family.add_metric([], value)
    return family


def _age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def _queues(at: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("musubi_queue_waiting", "いま手に取れる行の数", labels=["kind"])
    age = GaugeMetricFamily(
        "musubi_queue_oldest_seconds", "手に取れるようになってから、いちばん長く待つ行の秒数", labels=["kind"]
    )
    failing = GaugeMetricFamily("musubi_queue_failing", "失敗して、やり直しを待つ行の数", labels=["kind"])
    with connection.cursor() as cursor:
        for function in HOW_IT_GOES:
            cursor.execute(f"select kind, waiting, oldest, failing from {function}(%s)", [at])  # noqa: S608
            for kind, count, oldest, failed in cursor.fetchall():
                waiting.add_metric([kind], count)
                age.add_metric([kind], _age(oldest, at))
                failing.add_metric([kind], failed)
    yield from (waiting, age, failing)


def _lost_mails(at: datetime) -> Iterator[Metric]:
    lost = GaugeMetricFamily("musubi_mails_lost", "七日のうちに登録し、失われたメール", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute("select state, mails from notifications_what_is_lost(%s)", [at])
        for state, mails in cursor.fetchall():
            lost.add_metric([state], mails)
    yield lost


def _checks(at: datetime) -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute("select cities, unchecked, oldest, flaws, held from contracts_how_records_are(%s)", [at])
        cities, unchecked, oldest, flaws, held = cursor.fetchone()
    yield _gauge("musubi_cities", "市の数", cities)
    yield _gauge("musubi_check_cities_behind", "二日のうちに記録の確認を終えていない市の数", unchecked)
    yield _gauge("musubi_check_oldest_seconds", "市ごとの最後の確認の、いちばん古いもの", _age(oldest, at))
    yield _gauge("musubi_check_flaws", "最後の確認で合わなかったところ", flaws)
    yield _gauge("musubi_sealing_held_cities", "封印が失敗して滞る市の数", held)


def _anchors(at: datetime) -> Iterator[Metric]:
    attested = Anchor.objects.exclude(token=b"").order_by("-number").values_list("at", flat=True).first()
    first = Anchor.objects.order_by("number").values_list("at", flat=True).first()
    yield _gauge("musubi_anchor_age_seconds", "トークンの付いた最後の錨からの秒数", _age(attested or first, at))
    waiting = Anchor.objects.filter(token=b"").count()
    yield _gauge("musubi_anchors_waiting", "トークンを待つ錨の数", waiting)


def _certificates(at: datetime) -> Iterator[Metric]:
    days = GaugeMetricFamily("musubi_certificate_days_left", "後を継ぐもののない証明書の残り", labels=["kind", "name"])
    last = Certificate.objects.filter(is_last=True, stopped_at=None)
    for kind, name, ends in last.values_list("kind", "name").annotate(ends=Min("ends_at")).order_by("kind", "name"):
        days.add_metric([kind, name], (ends - at).total_seconds() / DAY)
    yield days


def _backups(at: datetime) -> Iterator[Metric]:
    """Give the age of the last good backup, and of the last proof; nothing where there never was one."""
    good = BackupRun.objects.last_good().first()
    proved = BackupRun.objects.filter(is_verified_bad=False).aggregate(last=Max("verified_at"))["last"]
    age = _age(good.began_at, at) if good else None
    yield _gauge("musubi_backup_age_seconds", "最後のよいバックアップからの秒数", age)
    since = _age(proved, at) if proved else None
    yield _gauge("musubi_backup_proved_age_seconds", "戻せることを最後に確かめてからの秒数", since)


def _database(at: datetime) -> Iterator[Metric]:  # noqa: ARG001
    connections = GaugeMetricFamily("musubi_database_connections", "アプリの役割のつなぎの数", labels=["state"])
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(state, 'none'), count(*) from pg_stat_activity where usename = current_user group by 1"
        )
        for state, count in cursor.fetchall():
            connections.add_metric([state], count)
        cursor.execute("select current_setting('max_connections')::int, pg_database_size(current_database())")
        limit, size = cursor.fetchone()
        cursor.execute("select name, setting from pg_settings where name = any(%s)", [list(engines.DURABLE)])
        is_durable = not list(engines.lasting(dict(cursor.fetchall())))
    yield connections
    yield _gauge("musubi_clock_skew_seconds", "この処理の時計が、データベースの時計より進む秒数", clock.skew())
    yield _gauge("musubi_database_connections_limit", "PostgreSQL が受けるつなぎの数", limit)
    yield _gauge("musubi_database_bytes", "データベースの大きさ", size)
    yield _gauge("musubi_database_durable", "確定したものが停電で消えない設定か", int(is_durable))
