"""A real morning: beat rings, a worker holds it and sends the mails, on a server whose clock is set to New York."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import redis
from django.db import transaction

from accounts import tenancy
from contracts import messages
from notifications import outbox
from notifications.models import Delivery, MailPolicy
from tests.copies import database_copy, environment
from tests.notifications.year import lives, model, playing
from tests.notifications.year.machine import MORNING
from tests.notifications.year.rows import Hall, act, certify

pytestmark = pytest.mark.stack
PATIENCE = 90  # 秒
TOSU = 0


@contextmanager
def running(room: Path) -> Iterator[None]:
    """Run beat and a worker in processes of their own; what they said is shown where the morning does not come."""
    with (room / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.notifications.year.machine"]
        told = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "TZ": "America/New_York"}
        told["OPERATORS"] = ",".join(model.OPERATORS)
        parts = [
            subprocess.Popen([*command, part, str(room / "schedule")], env=told, stdout=log, stderr=log)
            for part in ("worker", "beat")
        ]
    try:
        yield
    finally:
        for part in parts:
            part.kill()
            part.wait(30)


@pytest.fixture
def year(django_db_setup: None, django_db_blocker, tmp_path: Path) -> Iterator[playing.Year]:
    """Let the cases of December come to where they stand on the morning, in a database of their own."""
    with django_db_blocker.unblock(), database_copy("morning") as name, environment(name, redis=12):
        with transaction.atomic():
            halls = {TOSU: Hall(TOSU)}
            certify(halls.values())
            born = lives.lives(8, towns=[TOSU], span=(date(2027, 12, 13), date(2028, 1, 3)))
            year = playing.Year(born, halls, lambda *_: None)
            act(year.events(), halls, until=MORNING)
            MailPolicy.unscoped.create(tenant=halls[TOSU].city, remind_at=MORNING)
        with running(tmp_path):
            yield year


def queue_another(year: playing.Year) -> None:
    """Put one more mail into the outbox, and ring no bell that the running worker could hear."""
    city = year.halls[TOSU].city
    since = messages.moment(MORNING)
    with tenancy.acting_for(city.pk):
        outbox.enqueue(
            tenant=city,
            key="another",
            to=min(model.OPERATORS),
            template="signing/seals_held",
            context={"cities": 1, "contracts": 2, "since": since, "reasons": ["TSA が答えません。"]},
            link=None,
            thread="city",
            at=MORNING,
        )


def is_over(year: playing.Year) -> bool:
    """Tell whether the morning was held and every mail has left."""
    city = year.halls[TOSU].city
    with tenancy.acting_for(city.pk):
        held = MailPolicy.unscoped.filter(tenant=city, remind_at__gt=MORNING).exists()
        return held and not Delivery.unscoped.filter(tenant=city, sent_at=None).exists()


def wait_until_over(year: playing.Year, log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_over(year):
        assert time.monotonic() < ends, log.read_text(errors="replace")
        time.sleep(0.2)


def test_a_beat_and_a_worker_hold_the_morning_by_themselves_and_go_on_after_redis_was_emptied(
    year: playing.Year, tmp_path: Path
):
    wait_until_over(year, tmp_path / "log")

    year.expect(TOSU, MORNING)
    with transaction.atomic():
        told = year.told
    assert told
    assert playing.differences(year.wanted, told) == []
    with tenancy.acting_for(year.halls[TOSU].city.pk):
        following = MailPolicy.unscoped.get(tenant=year.halls[TOSU].city).remind_at
    assert following.astimezone(lives.JST).isoformat() == "2028-01-05T08:00:00+09:00"

    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    queue_another(year)
    wait_until_over(year, tmp_path / "log")
