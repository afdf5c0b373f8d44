"""However a process dies, what was committed is told: once where it can be, and under one name where it cannot."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

import pytest
from django.db import connection, connections, transaction

from accounts import doorbell, tenancy
from contracts.services.integrating import delivering
from outgoing import client
from tests.contracts.webhooks.conftest import AT, tell
from tests.contracts.webhooks.test_telling import event
from tests.copies import database_copy
from tests.stories import Story, story


@pytest.fixture
def database(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """Work in a copy of the test database: what two processes see must be committed."""
    with django_db_blocker.unblock(), database_copy("webhooks") as name:
        yield name


@pytest.fixture
def city(database: str, receiver) -> tuple[Story, str]:
    """Commit a city that tells a system of everything, and return its secret too."""
    with transaction.atomic():
        made = story()
        return made, tell(made, receiver.url)[1]


def happens(made: Story) -> None:
    with tenancy.acting_for(made.tenant.pk):
        event(made)


def child(do: Callable[[], object]) -> ForkProcess:
    """Begin something in a process of its own, with connections of its own."""

    def begin() -> None:
        for each in connections.all():
            each.connection = None
        do()

    process = get_context("fork").Process(target=begin)
    process.start()
    return process


def die(*_anything: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deliver(made: Story, at=AT) -> bool:
    return delivering.deliver_next(tenant_id=made.tenant.pk, at=at)


def test_two_workers_tell_once(city, receiver):
    happens(city[0])
    both = threading.Barrier(4)

    def worker(_number: int) -> bool:
        both.wait(30)
        try:
            return deliver(city[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(worker, range(4)))

    assert sorted(sent) == [False] * 3 + [True]
    assert len(receiver.bodies) == 1


def test_what_was_committed_is_told_though_the_process_died_before_it_rang(city, receiver):
    def commit_and_die() -> None:
        doorbell.press = die
        happens(city[0])

    dead = child(commit_and_die)
    dead.join(60)

    assert dead.exitcode == -signal.SIGKILL
    assert deliver(city[0])
    assert receiver.read(0, city[1])["type"] == "case.switched_to_paper"


def test_a_worker_that_dies_while_sending_leaves_it_to_the_next_under_the_same_name(city, receiver):
    happens(city[0])
    client._close_kept()
    receiver.hangs = True
    worker = child(lambda: deliver(city[0]))
    assert receiver.asked.wait(60)
    worker.kill()
    worker.join(60)
    receiver.hangs = False

    assert not deliver(city[0], at=AT + timedelta(minutes=1))
    assert deliver(city[0], at=AT + delivering.LEASE)
    assert len(receiver.uids) == 2
    assert len(set(receiver.uids)) == 1
    assert receiver.read(1, city[1], now=AT + delivering.LEASE)
