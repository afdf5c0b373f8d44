"""Sealing fails closed; a dead worker's job is done again; what a late one brings back is thrown away."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from contracts.models import Revision, SigningJob, SigningStep
from contracts.services.signatures import concluding, sealing, signing
from contracts.states import JobState, StepState, VersionState
from notifications.models import Delivery
from signing import setup
from signing.keys import Pkcs12Key
from signing.sealing import Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from tests import factories

pytestmark = pytest.mark.django_db


def sealer_without_tsa() -> Sealer:
    dead = TimestampAuthorities(["http://127.0.0.1:1024/"], trust=setup.trust())
    return Sealer(Pkcs12Key(settings.SIGNING_PKCS12, settings.SIGNING_PKCS12_PASSPHRASE), dead)


def seal_with(story, sealer: Sealer) -> int:
    """Take every job that is due once, and count them."""
    at, count = timezone.now(), 0
    while sealing.seal_next(tenant_id=story.tenant.pk, at=at, appoint=factories.appointing(sealer)):
        count += 1
    return count


def both_instructed(story):
    story.signed().seal()
    signatory = factories.actor(story.signatory, story.tenant)
    signing.instruct(story.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")
    return story


def test_without_a_timestamp_nothing_is_added_and_the_reason_is_kept(tosu):
    tosu.signed()

    assert seal_with(tosu, sealer_without_tsa()) == 2

    assert not Revision.unscoped.filter(number__gt=0).exists()
    job = SigningJob.unscoped.first()
    assert (job.state, tosu.step(1).state) == (JobState.QUEUED, StepState.INSTRUCTED)
    assert "タイムスタンプ" in job.last_error
    assert job.due_at > timezone.now()


def test_after_the_last_signature_a_missing_timestamp_means_waiting_for_the_seal_and_later_success(tosu):
    both_instructed(tosu)

    seal_with(tosu, sealer_without_tsa())

    assert tosu.version.state == VersionState.SEAL_WAITING
    assert "タイムスタンプ" in tosu.version.waiting_reason
    later = timezone.now() + timedelta(minutes=1)
    while sealing.seal_next(tenant_id=tosu.tenant.pk, at=later, appoint=setup.appoint):
        pass
    assert concluding.conclude(tosu.version, at=later, trust=setup.trust())
    assert (tosu.version.state, tosu.version.waiting_reason) == (VersionState.CONCLUDED, "")


def test_what_a_worker_brings_back_after_losing_its_lease_is_thrown_away(tosu):
    tosu.signed()

    class Overtaken:
        def approve(self, *arguments, **options):
            sealed = setup.sealer().approve(*arguments, **options)
            SigningJob.unscoped.filter(state=JobState.RUNNING).update(fence=99)
            return sealed

    assert sealing.seal_next(tenant_id=tosu.tenant.pk, at=timezone.now(), appoint=factories.appointing(Overtaken()))

    assert not Revision.unscoped.filter(number__gt=0).exists()


def test_a_done_job_is_not_done_again(tosu):
    tosu.signed().seal()

    assert not sealing.seal_next(tenant_id=tosu.tenant.pk, at=timezone.now(), appoint=setup.appoint)

    assert Revision.unscoped.filter(number=1).count() == 2


def test_a_revision_only_appends_to_the_one_before(tosu):
    tosu.signed()
    before = {r.document_id: (r.size, r.sha256) for r in Revision.unscoped.filter(number=0)}

    tosu.seal()

    for revision in Revision.unscoped.filter(number=1):
        assert revision.size == before[revision.document_id][0] + revision.tail.size
        assert revision.timestamped_at is not None


def test_a_contract_whose_own_verification_fails_is_never_concluded(tosu):
    both_instructed(tosu).seal()
    stranger_to_all = Trust(roots=(), intermediates=())

    assert not concluding.conclude(tosu.version, at=timezone.now(), trust=stranger_to_all)

    assert tosu.version.state == VersionState.SEAL_WAITING
    assert tosu.version.waiting_reason
    assert tosu.version.fixed_at is None


def test_concluding_twice_changes_nothing(tosu):
    tosu.concluded()
    fixed_at = tosu.version.fixed_at

    assert not concluding.conclude(tosu.version, at=timezone.now(), trust=setup.trust())

    assert tosu.version.fixed_at == fixed_at


def test_the_contract_is_fixed_at_the_time_of_the_last_signatures_timestamp(tosu):
    tosu.concluded()
    last = Revision.unscoped.filter(step=tosu.step(2)).order_by("-timestamped_at").first()

    assert tosu.version.fixed_at == last.timestamped_at == tosu.step(2).signed_at


def test_the_city_is_told_when_the_seal_comes_on_another_day_than_the_last_instruction(tosu):
    both_instructed(tosu)
    yesterday = timezone.now() - timedelta(days=1)
    SigningStep.unscoped.filter(pk=tosu.step(2).pk).update(instructed_at=yesterday)

    tosu.seal()
    concluding.conclude(tosu.version, at=timezone.now(), trust=setup.trust())

    notice = Delivery.unscoped.get(template="contracts/fixed_on_another_day")
    assert (notice.to, notice.context["late"]) == (tosu.drafter.email, False)


def test_no_such_notice_goes_out_on_an_ordinary_day(tosu):
    tosu.concluded()

    assert not Delivery.unscoped.filter(template="contracts/fixed_on_another_day").exists()
