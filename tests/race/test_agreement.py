"""A judge that never complains proves nothing: here something is wrong each time, and it must be named."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import actors
from audit.models import Event
from contracts.models import AccessLink, ApprovalStep, Case, Consent, ContractVersion, Purpose, SigningJob, SigningStep
from contracts.services import evidence
from contracts.services.signatures import ending, reassigning
from contracts.states import ApprovalState, CaseState, ConsentState, StepState, VersionState
from tests.race import stage
from tests.race.agreement import disagreements, emails_agree
from tests.stories import Story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ready_made():
    with stage.ready_made():
        yield


def said(case: Case, action: str, subject: str) -> None:
    evidence.record(action, case, subject=subject, actor=actors.system(case.tenant_id), at=timezone.now())


def recalled() -> Story:
    told = stage.sent()
    ending.recall(told.version, actor=told.drafter, at=timezone.now(), reason="試験")
    return told


WHOLE: list[Callable[[], Story]] = [
    stage.consented,
    stage.drafted,
    stage.submitted,
    stage.sent,
    stage.instructed,
    stage.city_asked,
    stage.concluded,
    stage.joint_venture_sent,
    lambda: stage.checked_guarantee()[0],
    recalled,
]


@pytest.mark.parametrize("arrange", WHOLE)
def test_nothing_is_said_against_a_case_that_is_whole(arrange):
    assert disagreements(arrange().case) == []


def cancel_silently(told: Story) -> None:
    SigningStep.unscoped.filter(version=told.version, order=1).update(state=StepState.CANCELLED)


def end_silently(told: Story) -> None:
    ContractVersion.unscoped.filter(pk=told.version.pk).update(state=VersionState.RECALLED)


def go_to_paper_silently(told: Story) -> None:
    Case.unscoped.filter(pk=told.case.pk).update(state=CaseState.PAPER)


def void_silently(told: Story) -> None:
    Consent.unscoped.filter(case=told.case).update(state=ConsentState.VOID_BY_PAPER)


def revive_the_link(told: Story) -> None:
    AccessLink.unscoped.filter(case=told.case, purpose=Purpose.SIGN).update(revoked_at=None)


def lose_the_job(told: Story) -> None:
    SigningJob.unscoped.filter(step__version=told.version).delete()


def pass_silently(told: Story) -> None:
    ApprovalStep.unscoped.filter(version=told.version).update(state=ApprovalState.DONE)


def recall_again_in_the_log(told: Story) -> None:
    said(told.case, "contract.recalled", f"version:{told.version.pk}")


def say_the_unknown(told: Story) -> None:
    said(told.case, "contract.imagined", f"version:{told.version.pk}")


@pytest.mark.parametrize(
    ("arrange", "tamper", "complaint"),
    [
        (stage.sent, cancel_silently, "記録では requested、行では cancelled"),
        (stage.sent, end_silently, "記録では sent、行では recalled"),
        (stage.sent, end_silently, "1 番目の署名が requested"),
        (stage.sent, go_to_paper_silently, "記録では contracting、行では paper"),
        (stage.sent, void_silently, "記録では accepted、行では void_by_paper"),
        (recalled, revive_the_link, "cancelled の署名に、生きたリンクが 1 本"),
        (stage.instructed, lose_the_job, "封印の仕事が 0 件"),
        (stage.submitted, pass_silently, "1 人の決裁に 0 人が可とし、段は done"),
        (recalled, recall_again_in_the_log, "recalled から recalled へは動けません"),
        (stage.sent, recall_again_in_the_log, "記録では recalled、行では sent"),
        (stage.sent, say_the_unknown, "contract.imagined が何を動かすのか"),
    ],
)
def test_what_does_not_agree_is_named(arrange, tamper, complaint):
    told = arrange()

    tamper(told)

    assert any(complaint in each for each in disagreements(told.case)), disagreements(told.case)


def test_a_broken_chain_is_named():
    told = stage.drafted()
    last = Event.objects.filter(tenant_id=told.tenant.pk).latest("seq")
    last.pk = (last.tenant_id, last.seq + 5)

    last.save(force_insert=True)

    assert any("鎖" in each for each in disagreements(told.case))


def test_a_signer_who_is_not_the_one_in_the_log_is_noticed():
    told = stage.sent()
    person = {"title": "専務", "name": "柳瀨　一", "email": "kouken@takasaki.example.jp"}
    step = reassigning.reassign(told.step(1), actor=told.drafter, at=timezone.now(), reason="退任", **person)
    assert emails_agree(step)

    step.email = "someone@else.example.jp"

    assert not emails_agree(step)
