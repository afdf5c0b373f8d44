"""The two addresses a supervisor asks."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from config.celery import app


def test_a_living_process_says_so_whatever_host_is_asked():
    answer = Client().get("/healthz", headers={"host": "10.0.0.7:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_when_database_and_redis_answer():
    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": True, "clock": True, "redis": True}


@pytest.mark.django_db
def test_it_is_not_ready_without_redis(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": True, "clock": True, "redis": False}


@pytest.mark.django_db
@pytest.mark.parametrize("days", [3, -3], ids=["ahead", "behind"])
def test_whose_clock_is_wrong_is_not_ready_and_does_no_work(settings, caplog, days):
    settings.CLOCK_TOLERANCE = 60
    done = []

    @app.task(name="tests.punctual")
    def task() -> None:
        done.append("done")

    app.tasks.unregister("tests.punctual")
    task()
    assert Client().get("/readyz").json()["clock"]

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        task()
        answer = Client().get("/readyz")

    assert done == ["done"]
    assert (answer.status_code, answer.json()["clock"]) == (503, False)
    assert "the clock differs from that of the database" in caplog.text
