"""One key from two processes at the same instant: one effect, and the same answer to both."""

from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

import pytest
from django.db import connections, transaction

from accounts import tenancy
from contracts.models import Case
from tests.contracts.api.conftest import System, connect
from tests.contracts.api.test_writing import facts, post
from tests.copies import database_copy
from tests.stories import Story, story

ROUNDS = 6
Told = tuple[int, bytes, bool]


@pytest.fixture
def database(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """Work in a copy of the test database: what two processes see must be committed."""
    with django_db_blocker.unblock(), database_copy("repeating") as name:
        yield name


@pytest.fixture
def city(database: str) -> tuple[Story, System]:
    with transaction.atomic():
        made = story()
        return made, connect(made.tenant)


def send(system: System, bodies: list[dict], start: Barrier, out: Connection) -> None:
    """Send every case with the key of its place, each at the same instant as the other process."""
    for each in connections.all():
        each.connection = None
    told: list[Told] = []
    for place, body in enumerate(bodies):
        start.wait(60)
        with transaction.atomic():
            answer = post(system, "/cases", body, key=f"race-key-{place}")
        told.append((answer.status_code, answer.content, "Idempotency-Replayed" in answer))
    out.send(told)


def test_a_key_from_two_processes_at_once_has_one_effect_and_one_answer(city):
    made, system = city
    with tenancy.acting_for(made.tenant.pk):
        bodies = [facts(made.case, number=f"競工第{place}号") for place in range(ROUNDS)]
    fork = get_context("fork")
    start, pipes = fork.Barrier(2), [fork.Pipe() for _ in range(2)]
    processes = [fork.Process(target=send, args=(system, bodies, start, far), daemon=True) for _, far in pipes]
    for process in processes:
        process.start()
    answers = []
    for near, _far in pipes:
        assert near.poll(120)
        answers.append(near.recv())
    for process in processes:
        process.join(30)

    for one, other in zip(*answers, strict=True):
        assert (one[0], other[0]) == (201, 201)
        assert one[1] == other[1]
        assert sorted((one[2], other[2])) == [False, True]
    with tenancy.acting_for(made.tenant.pk):
        numbers = Case.unscoped.filter(number__startswith="競工第").values_list("number", flat=True)
        assert sorted(numbers) == [body["number"] for body in bodies]
