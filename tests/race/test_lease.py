"""A worker that waits for a slow authority keeps its job, and only for as long as it lives."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from contracts.models import SigningJob
from contracts.services.signatures import claiming
from tests.race import stage
from tests.race.stage import Scene

pytestmark = pytest.mark.xdist_group("race")


@pytest.fixture
def instructed(race_database: str) -> Scene:
    return stage.arrange(lambda: Scene(stage.instructed(), {}, {}))


def test_the_lease_is_put_off_while_the_work_goes_on_and_runs_out_afterwards(instructed: Scene, monkeypatch):
    monkeypatch.setattr("contracts.services.signatures.claiming.LEASE", timedelta(seconds=0.3))
    with stage.acting(instructed):
        claim = claiming.take(at=timezone.now())
    taken_until = claim.job.due_at

    with claiming.kept(claim):
        assert soon(lambda: leased_until(instructed) > taken_until + timedelta(seconds=0.5))

    assert soon(lambda: leased_until(instructed) < timezone.now())
    with stage.acting(instructed):
        assert claiming.held(claim)  # だれも引き取っていなければ、まだ自分のもの


def test_a_worker_that_waits_without_end_loses_its_job(instructed: Scene, monkeypatch):
    monkeypatch.setattr("contracts.services.signatures.claiming.LEASE", timedelta(seconds=0.3))
    monkeypatch.setattr("contracts.services.signatures.claiming.LONGEST", timedelta(seconds=0.3))
    with stage.acting(instructed):
        claim = claiming.take(at=timezone.now())

    with claiming.kept(claim):
        assert soon(lambda: leased_until(instructed) == claim.job.due_at + timedelta(seconds=0.3))
        assert soon(lambda: leased_until(instructed) < timezone.now())


def test_a_job_that_was_taken_over_is_not_put_off_by_its_former_holder(instructed: Scene, monkeypatch):
    monkeypatch.setattr("contracts.services.signatures.claiming.LEASE", timedelta(seconds=0.3))
    with stage.acting(instructed):
        claim = claiming.take(at=timezone.now())
        SigningJob.unscoped.filter(pk=claim.job.pk).update(fence=claim.fence + 1)

    with claiming.kept(claim):
        time.sleep(0.5)

    assert leased_until(instructed) == claim.job.due_at


def leased_until(scene: Scene) -> datetime:
    with stage.acting(scene):
        return SigningJob.unscoped.get().due_at


def soon(question: Callable[[], bool]) -> bool:
    """Ask until the answer is yes, for ten seconds at most."""
    return any(question() or time.sleep(0.05) for _ in range(200))
