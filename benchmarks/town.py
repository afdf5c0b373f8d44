"""Contracts that wait for the city's signature, brought there through the services, as people would."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization
from contracts.models import ConclusionCertificate, ContractVersion, Purpose, SigningJob, SigningStep
from contracts.services.signatures import concluding, sealing, signing
from contracts.services.versions import drafting
from contracts.states import JobState, StepState, VersionState
from notifications import delivery
from notifications.line import Line
from notifications.models import WAITING, Delivery
from signing import intake, setup
from tests import factories
from tests.stories import story

PATIENCE_SECONDS = 3600


@contextmanager
def prepared(paper: bytes) -> Iterator[None]:
    """Print the same contract every time and look at it once: what is measured begins later."""
    answers: dict[str, dict[str, Any]] = {}
    ask = intake._answer  # noqa: SLF001 - 同じ文書を何度も調べさせない

    def answer(room: Path) -> dict[str, Any]:
        known = hashlib.sha256((room / "received.pdf").read_bytes()).hexdigest()
        return answers.get(known) or answers.setdefault(known, ask(room))

    with ExitStack() as replaced:
        for name in ("contracts.documents.render_contract", "contracts.documents.render_consent"):
            replaced.enter_context(patch(name, lambda _paper: paper))
        replaced.enter_context(patch("signing.intake._answer", answer))
        replaced.enter_context(override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]))
        yield


def found(slug: str, *, contracts: int) -> Organization:
    """Have the contractor sign so many contracts of a city, one document each."""
    for number in range(1, contracts + 1):
        with transaction.atomic():
            told = story(slug, number=f"{slug}第{number}号").accepted()
            at = timezone.now()
            told.send(drafting.draft(told.case, actor=told.drafter, at=at, signatory=told.signatory))
            signing.instruct(told.step(1), actor=told.holder(Purpose.SIGN), at=at, authentication="メールのリンク")
    return Organization.objects.get(slug=slug)


def instruct(city: Organization) -> None:
    """Have the city sign all that has come to it; the work is kept back until `release`."""
    with tenancy.acting_for(city.pk):
        asked = list(SigningStep.unscoped.filter(state=StepState.REQUESTED).select_related("user"))
    for step in asked:
        with tenancy.acting_for(city.pk):
            actor = factories.actor(step.user, city)
            signing.instruct(step, actor=actor, at=timezone.now(), authentication="パスワードと確認コード")
            SigningJob.unscoped.filter(step=step).update(due_at=timezone.now() + timedelta(days=1))


def release(city: Organization) -> None:
    """Let the work that was kept back begin, and ring."""
    with tenancy.acting_for(city.pk):
        SigningJob.unscoped.exclude(state=JobState.DONE).update(due_at=timezone.now())
        signing.ring()


def statements(city: Organization) -> int:
    """Do in this process what `release` would have a worker do for a city's contracts; return what was asked of SQL.

    BEGIN, COMMIT and savepoints are counted; the questions who has work are not. The work stays far in the workers'
    future, so that none of them takes it meanwhile.
    """
    at = timezone.now() + timedelta(days=2)
    with CaptureQueriesContext(connection) as asked, Line() as line:
        while sealing.seal_next(tenant_id=city.pk, at=at, appoint=setup.appoint):
            concluding.conclude_next(tenant_id=city.pk, at=at, trust=setup.trust())
        while delivery.deliver_next(tenant_id=city.pk, at=at, line=line):
            pass
    return len(asked)


def wait(city: Organization, done: Callable[[], bool]) -> float:
    """Wait until a city's rows say so; return the moment on the monotonic clock."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with tenancy.acting_for(city.pk):
            if done():
                return time.monotonic()
        time.sleep(0.25)
    raise SystemExit("終わりません。worker の記録を見てください。")


def all_sealed() -> bool:
    return not SigningJob.unscoped.exclude(state=JobState.DONE).exists()


def all_concluded() -> bool:
    return not ContractVersion.unscoped.exclude(state=VersionState.CONCLUDED).exists()


def all_attested() -> bool:
    return not ConclusionCertificate.unscoped.filter(document__isnull=True).exists()


def all_told() -> bool:
    return not Delivery.unscoped.filter(state__in=WAITING).exists()
