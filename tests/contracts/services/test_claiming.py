"""Whose turn it is: fair between cities, the earliest deadline first within one, and a job in one pair of hands."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts import doorbell, rounds, tenancy
from accounts.models import Role
from accounts.rounds import Turn
from audit.models import Event
from contracts import tasks
from contracts.models import ContractVersion, SigningJob
from contracts.services.signatures import claiming, concluding, retrying, sealing, signing
from contracts.states import JobState, VersionState
from signing import setup
from signing.sealing import SealingUnavailable
from tests import factories
from tests.race import stage
from tests.race.moves import QuickSealer
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued() -> Story:
    """Have a contractor sign two documents, printed and frozen beforehand."""
    with stage.ready_made():
        return story().signed()


def due(told: Story, *, at=None) -> list[Turn]:
    turns = rounds.waiting("contracts_who_waits", at=at or timezone.now())
    return [turn for turn in turns if turn.tenant_id == told.tenant.pk]


def seal_next(told: Story, sealer=None, *, at=None) -> bool:
    appoint = factories.appointing(sealer or QuickSealer())
    return sealing.seal_next(tenant_id=told.tenant.pk, at=at or timezone.now(), appoint=appoint)


def seal_all(told: Story) -> None:
    while seal_next(told):
        pass


class Unreachable:
    """A sealer whose timestamp authority does not answer."""

    def approve(self, *_arguments, **_options):
        raise SealingUnavailable("時刻認証局に接続できません。")


# どの市に、どの仕事があるか ------------------------------------------------------------------------


def test_the_worker_learns_which_city_has_what_kind_of_work_and_nothing_else(queued):
    usuki = factories.city("usuki")
    tenancy.forget()

    with connection.cursor() as cursor:
        cursor.execute("select * from contracts_who_waits(%s)", [timezone.now()])
        columns, rows = [column.name for column in cursor.description], cursor.fetchall()

    assert columns == ["tenant_id", "work", "several"]
    ours = {queued.tenant.pk, usuki.pk}
    assert [row for row in rows if row[0] in ours] == [(queued.tenant.pk, "seal", True)]


def test_the_rows_themselves_stay_behind_the_wall(queued):
    tenancy.forget()

    assert not SigningJob.unscoped.exists()


def test_what_is_not_yet_due_or_in_other_hands_calls_nobody(queued):
    now = timezone.now()
    SigningJob.unscoped.update(due_at=now + timedelta(minutes=1))

    assert due(queued, at=now) == []
    assert due(queued, at=now + timedelta(minutes=2)) == [Turn(queued.tenant.pk, "seal", several=True)]

    assert claiming.take(at=now + timedelta(minutes=2))
    assert due(queued, at=now + timedelta(minutes=2)) == [Turn(queued.tenant.pk, "seal", several=False)]


def test_signed_versions_wait_to_be_concluded_and_overdue_requests_to_be_ended(queued):
    seal_all(queued)
    assert due(queued) == []
    assert due(queued, at=queued.version.expires_at) == [Turn(queued.tenant.pk, "expire")]

    signatory = factories.actor(queued.signatory, queued.tenant)
    signing.instruct(queued.step(2), actor=signatory, at=timezone.now(), authentication="パスワード")
    seal_all(queued)

    assert due(queued) == [Turn(queued.tenant.pk, "conclude")]


# 市のあいだの公平 ---------------------------------------------------------------------------------


class Town:
    """Cities with so many pieces of work each, and the order in which they were served."""

    def __init__(self, **work: int) -> None:
        self.left = Counter(dict(enumerate(work.values())))
        self.served: list[int] = []

    def waiting(self) -> list[Turn]:
        return [Turn(city, "seal", several=count > 1) for city, count in self.left.items() if count]

    def do(self, turn: Turn) -> bool:
        if not self.left[turn.tenant_id]:
            return False
        self.left[turn.tenant_id] -= 1
        self.served.append(turn.tenant_id)
        return True


@pytest.fixture
def bell(monkeypatch, settings) -> list[str]:
    """Count the bells that are rung for the worker, out of earshot of the tests that run beside this one."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}
    rung: list[str] = []
    monkeypatch.setattr("contracts.tasks.work.apply_async", lambda **_: rung.append("ring"))
    return rung


def test_a_city_with_one_document_is_served_before_the_second_of_a_city_with_thousands(bell):
    town = Town(crowd=5_000, single=1)

    rounds.serve(tasks.work, waiting=town.waiting, do=town.do)

    assert 1 in town.served[:2]
    assert sum(town.left.values()) == 0


def test_every_city_gets_its_turn_before_any_gets_two(bell):
    town = Town(a=3, b=3, c=3)

    rounds.serve(tasks.work, waiting=town.waiting, do=town.do)

    assert [sorted(town.served[place : place + 3]) for place in (0, 3, 6)] == [[0, 1, 2]] * 3


def test_work_that_fails_in_one_city_does_not_keep_the_others_waiting(bell):
    town = Town(broken=1, other=2)

    def do(turn: Turn) -> bool:
        if turn.tenant_id == 0:
            raise RuntimeError("思わぬ誤り")
        return town.do(turn)

    rounds.serve(tasks.work, waiting=town.waiting, do=do)

    assert town.served == [1, 1]


def test_who_finds_one_piece_of_work_works_alone_and_who_finds_several_calls_one_more(bell):
    rounds.serve(tasks.work, waiting=(alone := Town(a=1)).waiting, do=alone.do)
    assert bell == []

    rounds.serve(tasks.work, waiting=(crowd := Town(a=50)).waiting, do=crowd.do)
    assert bell == ["ring"]


def test_a_shift_ends_after_a_while_and_rings_for_the_rest(bell, monkeypatch):
    town = Town(crowd=100)
    clock = SimpleNamespace(monotonic=lambda: len(town.served) * rounds.SHIFT_SECONDS / 10)
    monkeypatch.setattr("accounts.rounds.time", clock)

    rounds.serve(tasks.work, waiting=town.waiting, do=town.do)

    assert len(town.served) == 10
    assert bell[-1:] == ["ring"]


def test_a_broken_bell_stops_no_work(bell, monkeypatch):
    def down(*_: object, **__: object) -> None:
        raise ConnectionError("redis")

    monkeypatch.setattr("accounts.doorbell.cache", SimpleNamespace(add=down, delete=down))
    rounds.serve(tasks.work, waiting=(town := Town(a=3)).waiting, do=town.do)

    assert town.served == [0, 0, 0]


def test_a_bell_that_nobody_has_answered_is_not_rung_again(bell, monkeypatch):
    monkeypatch.setattr(doorbell, "UNANSWERED_SECONDS", 3600)
    for _ in range(500):
        doorbell.press(tasks.work)
    assert bell == ["ring"]

    doorbell.answer(tasks.work)
    doorbell.press(tasks.work)
    assert bell == ["ring", "ring"]


# 市の中の順 ---------------------------------------------------------------------------------------


def test_within_a_city_the_contract_that_must_be_concluded_first_is_sealed_first(queued):
    today = timezone.localdate()
    later, sooner = SigningJob.unscoped.order_by("pk")
    SigningJob.unscoped.filter(pk=later.pk).update(deadline_date=today + timedelta(days=5))
    SigningJob.unscoped.filter(pk=sooner.pk).update(deadline_date=today + timedelta(days=1))

    assert [claiming.take(at=timezone.now()).job.pk for _ in range(2)] == [sooner.pk, later.pk]


def test_a_job_is_due_by_the_deadline_of_its_contract(queued):
    deadlines = set(SigningJob.unscoped.values_list("deadline_date", flat=True))

    assert deadlines == {queued.case.conclusion_deadline_date}


# 一つの仕事は一人の手に ------------------------------------------------------------------------------


def test_a_job_in_other_hands_is_left_alone_until_its_holder_has_been_silent_for_a_lease(queued):
    at = timezone.now()
    first = claiming.take(at=at)
    assert claiming.take(at=at).job != first.job
    assert claiming.take(at=at + claiming.LEASE - timedelta(seconds=1)) is None

    second = claiming.take(at=at + claiming.LEASE)

    assert (second.job, second.fence) == (first.job, first.fence + 1)
    assert claiming.held(first) is None
    assert not claiming.put_back(first, reason="遅れて戻った worker", at=at)
    assert claiming.held(second) == second.job


class Deadly(QuickSealer):
    """A sealer of which whoever uses it dies, as when the kernel kills a process: nothing after it is done."""

    class Killed(BaseException):
        """The worker is no more."""

    def __init__(self) -> None:
        super().__init__()
        self.tried = 0

    def approve(self, *_arguments, **_options):
        self.tried += 1
        raise self.Killed


def die_of(sealer: Deadly, told: Story, *, at) -> None:
    with suppress(Deadly.Killed):
        seal_next(told, sealer, at=at)


def test_a_document_that_kills_whoever_seals_it_is_tried_ever_more_rarely_and_says_so(queued):
    first, other = SigningJob.unscoped.order_by("deadline_date", "pk")
    at, deadly = timezone.now(), Deadly()
    for _ in range(claiming.MOST_LOST):
        die_of(deadly, queued, at=at)
        at += claiming.LEASE
    first.refresh_from_db()
    assert first.last_error == claiming.LOST

    pauses = []
    for _ in range(3):
        seal_next(queued, deadly, at=at)
        first.refresh_from_db()
        assert (first.state, first.last_error) == (JobState.QUEUED, claiming.POISONOUS)
        pauses.append((first.due_at - at).total_seconds())
        die_of(deadly, queued, at=first.due_at)
        at = first.due_at + claiming.LEASE

    assert pauses == sorted(pauses)
    assert pauses[0] >= 60
    assert deadly.tried == claiming.MOST_LOST + 3
    # 同じ市の、ほかの文書は先へ進む
    first.refresh_from_db()
    assert seal_next(queued, at=first.due_at - timedelta(seconds=1))
    other.refresh_from_db()
    assert other.state == JobState.DONE


def test_a_document_that_was_survived_is_not_taken_for_poisonous(queued):
    at = timezone.now()
    for _ in range(2):
        die_of(Deadly(), queued, at=at)
        at += claiming.LEASE
    assert seal_next(queued, Unreachable(), at=at)
    job = SigningJob.unscoped.get(attempts=3)
    assert (job.lost, "時刻認証局" in job.last_error) == (0, True)

    assert seal_next(queued, at=job.due_at)

    job.refresh_from_db()
    assert (job.state, job.lost, job.last_error) == (JobState.DONE, 0, "")


# やり直し -----------------------------------------------------------------------------------------


def test_what_fails_is_tried_again_at_growing_intervals_and_says_why(queued):
    at, pauses = timezone.now(), []
    for _ in range(len(claiming.BACK_OFF) + 1):
        seal_next(queued, Unreachable(), at=at)
        job = SigningJob.unscoped.order_by("deadline_date", "pk").first()
        pauses.append((job.due_at - at).total_seconds())
        at = job.due_at
        SigningJob.unscoped.exclude(pk=job.pk).update(due_at=at + timedelta(days=1))

    assert pauses == [*claiming.BACK_OFF, claiming.BACK_OFF[-1]]
    assert "時刻認証局" in job.last_error


def test_an_unforeseen_error_leaves_a_reason_and_another_try_as_well(queued):
    class Broken:
        def approve(self, *_arguments, **_options):
            raise RuntimeError("思わぬ誤り")

    assert seal_next(queued, Broken())

    job = SigningJob.unscoped.get(attempts=1)
    assert (job.state, job.last_error) == (JobState.QUEUED, sealing.TROUBLE)
    assert job.due_at > timezone.now()


def test_a_conclusion_that_fails_is_tried_again_at_growing_intervals(queued):
    _sign_for_the_city(queued)
    seal_all(queued)
    at, pauses = queued.version.conclude_at, []
    for _ in range(4):
        assert concluding.conclude_next(tenant_id=queued.tenant.pk, at=at, trust=setup.trust())
        pauses.append((queued.version.conclude_at - at).total_seconds())
        at = queued.version.conclude_at

    # 競り合い用の署名は、本物の検証に合格しない
    assert queued.version.state == VersionState.SEAL_WAITING
    assert queued.version.waiting_reason
    assert pauses == sorted(pauses)
    assert pauses[0] >= 5
    assert not concluding.conclude_next(tenant_id=queued.tenant.pk, at=at - timedelta(seconds=1), trust=setup.trust())


def test_a_document_that_kills_whoever_verifies_it_is_tried_ever_more_rarely_and_says_so(queued, monkeypatch):
    _sign_for_the_city(queued)
    seal_all(queued)
    monkeypatch.setattr(concluding, "verify", Deadly().approve)
    at, pauses, reasons = queued.version.conclude_at + timedelta(seconds=1), [], []
    for _ in range(concluding.MOST_LOST + 2):
        with suppress(Deadly.Killed):
            concluding.conclude_next(tenant_id=queued.tenant.pk, at=at, trust=setup.trust())
        version = queued.version
        assert not concluding.conclude_next(tenant_id=queued.tenant.pk, at=at, trust=setup.trust())
        pauses.append((version.conclude_at - at).total_seconds())
        reasons.append((version.state, version.waiting_reason))
        at = version.conclude_at

    silent = (VersionState.ALL_SIGNED, "")
    assert reasons == [silent] * concluding.MOST_LOST + [(VersionState.SEAL_WAITING, concluding.POISONOUS)] * 2
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0] >= 5

    with stage.unverified():
        assert concluding.conclude_next(tenant_id=queued.tenant.pk, at=at, trust=setup.trust())

    assert (queued.version.state, queued.version.lost) == (VersionState.CONCLUDED, 0)


def test_an_error_while_concluding_leaves_a_reason_and_changes_nothing_else(queued, monkeypatch):
    _sign_for_the_city(queued)
    seal_all(queued)
    monkeypatch.setattr("contracts.services.cases.forming.concluded", lambda *_, **__: 1 / 0)
    with stage.unverified():
        assert concluding.conclude_next(tenant_id=queued.tenant.pk, at=timezone.now(), trust=setup.trust())

    version = queued.version
    assert (version.state, version.waiting_reason) == (VersionState.SEAL_WAITING, concluding.TROUBLE)
    assert version.conclude_at > timezone.now()


def _sign_for_the_city(told: Story) -> None:
    seal_all(told)
    signatory = factories.actor(told.signatory, told.tenant)
    signing.instruct(told.step(2), actor=signatory, at=timezone.now(), authentication="パスワード")


# 人が今すぐ試す ------------------------------------------------------------------------------------


def test_a_signatory_may_have_what_waits_tried_at_once(queued):
    assert seal_next(queued, Unreachable())
    assert seal_next(queued, Unreachable())
    assert due(queued) == []
    actor = factories.staff(queued.tenant, Role.SIGNATORY)

    assert retrying.retry(queued.version, actor=actor, at=timezone.now())

    assert due(queued) == [Turn(queued.tenant.pk, "seal", several=True)]
    event = Event.objects.filter(tenant_id=queued.tenant.pk, action="document.seal_retried").get()
    assert (event.actor_name, event.data.count('"documents":2')) == (f"{actor.name} <{actor.email}>", 1)


def test_asking_again_when_nothing_waits_changes_nothing_and_is_not_noted(queued):
    actor = factories.staff(queued.tenant, Role.ADMINISTRATOR)

    assert not retrying.retry(queued.version, actor=actor, at=timezone.now())

    assert not Event.objects.filter(tenant_id=queued.tenant.pk, action="document.seal_retried").exists()


def test_a_waiting_conclusion_is_tried_at_once_as_well(queued):
    _sign_for_the_city(queued)
    seal_all(queued)
    concluding.conclude_next(tenant_id=queued.tenant.pk, at=timezone.now(), trust=setup.trust())
    assert due(queued) == []

    assert retrying.retry(queued.version, actor=factories.staff(queued.tenant, Role.ADMINISTRATOR), at=timezone.now())

    assert due(queued) == [Turn(queued.tenant.pk, "conclude")]


@pytest.mark.parametrize("role", [Role.DRAFTER, Role.APPROVER, Role.AUDITOR])
def test_others_may_not(queued, role):
    with pytest.raises(PermissionDenied):
        retrying.retry(queued.version, actor=factories.staff(queued.tenant, role), at=timezone.now())


def test_a_version_is_planned_to_be_concluded_only_when_all_have_signed(queued):
    concluding.plan(queued.version, at=timezone.now())

    assert not ContractVersion.unscoped.filter(conclude_at__isnull=False).exists()
