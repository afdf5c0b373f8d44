"""The parties sign in order, once, and only while they may."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts.models import AccessLink, Purpose, SigningJob
from contracts.services.signatures import ending, signing
from contracts.services.signatures.ending import EndingRefused
from contracts.services.signatures.signing import SigningRefused
from contracts.services.signatures.timing import TimeRefused
from contracts.states import StepState, VersionState
from notifications.models import Delivery
from tests import factories

pytestmark = pytest.mark.django_db
BY_LINK = "メールのリンク"


def test_an_instruction_queues_one_job_per_document_and_keeps_who_when_and_how(tosu):
    tosu.sent()
    at = timezone.now()

    step = signing.instruct(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=at, authentication=BY_LINK)

    assert (step.state, step.instructed_at, step.instructed_ip) == (StepState.INSTRUCTED, at, "127.0.0.1")
    assert step.authentication == BY_LINK
    assert SigningJob.unscoped.filter(step=step).count() == 2


def test_pressing_the_last_button_twice_changes_nothing(tosu):
    tosu.sent()
    holder = tosu.holder(Purpose.SIGN)
    first = signing.instruct(tosu.step(1), actor=holder, at=timezone.now(), authentication=BY_LINK)

    again = signing.instruct(tosu.step(1), actor=holder, at=timezone.now(), authentication=BY_LINK)

    assert again.instructed_at == first.instructed_at
    assert SigningJob.unscoped.count() == 2


def test_the_city_cannot_sign_before_the_contractor(tosu):
    tosu.sent()
    signatory = factories.actor(tosu.signatory, tosu.tenant)

    with pytest.raises(SigningRefused):
        signing.instruct(tosu.step(2), actor=signatory, at=timezone.now(), authentication="パスワードとTOTP")

    assert tosu.step(2).state == StepState.WAITING


def test_only_the_named_signatory_of_the_city_may_sign(tosu):
    tosu.signed().seal()
    colleague = factories.staff(tosu.tenant, Role.SIGNATORY)

    with pytest.raises(SigningRefused):
        signing.instruct(tosu.step(2), actor=colleague, at=timezone.now(), authentication="パスワードとTOTP")


def test_a_link_for_another_purpose_cannot_sign(tosu):
    tosu.sent()
    holder = factories.Actor(**(vars(tosu.holder(Purpose.SIGN)) | {"purpose": Purpose.CONSENT}))

    with pytest.raises(SigningRefused):
        signing.instruct(tosu.step(1), actor=holder, at=timezone.now(), authentication=BY_LINK)


def test_after_the_deadline_a_blocking_city_takes_no_signature(tosu):
    tosu.sent()
    last_moment = datetime.combine(
        tosu.case.conclusion_deadline_date, datetime.max.time(), tzinfo=ZoneInfo("Asia/Tokyo")
    )

    with pytest.raises(TimeRefused, match="契約締結期限"):
        signing.instruct(
            tosu.step(1),
            actor=tosu.holder(Purpose.SIGN),
            at=last_moment + timedelta(seconds=1),
            authentication=BY_LINK,
        )
    step = signing.instruct(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=last_moment, authentication=BY_LINK)

    assert step.state == StepState.INSTRUCTED


def test_the_city_is_asked_when_the_contractors_signature_stands_on_every_document(tosu):
    tosu.signed()
    assert not Delivery.unscoped.filter(template="contracts/city_signature_requested").exists()

    tosu.seal()

    assert tosu.step(1).state == StepState.SIGNED
    assert tosu.step(2).state == StepState.REQUESTED
    assert Delivery.unscoped.get(template="contracts/city_signature_requested").to == tosu.signatory.email


def test_a_declined_request_ends_the_version_and_its_links(tosu):
    tosu.sent()

    ending.decline(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=timezone.now(), reason="金額が異なります。")

    assert (tosu.version.state, tosu.version.end_reason) == (VersionState.DECLINED, "金額が異なります。")
    assert tosu.step(2).state == StepState.CANCELLED
    assert not AccessLink.unscoped.filter(step=tosu.step(1), revoked_at=None).exists()


def test_a_recalled_request_cannot_be_signed(tosu):
    tosu.sent()
    holder = tosu.holder(Purpose.SIGN)

    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="仕様書の差替え")

    assert tosu.version.state == VersionState.RECALLED
    with pytest.raises(SigningRefused):
        signing.instruct(tosu.step(1), actor=holder, at=timezone.now(), authentication=BY_LINK)


def test_a_request_is_not_recalled_while_a_signature_is_being_made(tosu):
    tosu.signed()

    with pytest.raises(EndingRefused, match="署名の処理中"):
        ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="差替え")
