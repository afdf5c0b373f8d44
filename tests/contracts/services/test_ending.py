"""The side exits: an old request ends by the clock, a signer is replaced, a term that ended signs nothing."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership, Role
from contracts.models import AccessLink, Authority, Purpose
from contracts.services.signatures import ending, reassigning, signing
from contracts.services.signatures.people import TermRefused
from contracts.services.signatures.reassigning import ReassignmentRefused
from contracts.services.signatures.signing import SigningRefused
from contracts.services.signatures.timing import TimeRefused, end_of
from contracts.services.versions import approving, drafting
from contracts.services.versions.approving import ApprovalRefused
from contracts.states import StepState, VersionState
from notifications.models import Delivery
from tests import factories
from tests.stories import story

pytestmark = pytest.mark.django_db
BY_LINK = "メールのリンク"


def sign_first(told, *, at=None):
    holder = told.holder(Purpose.SIGN)
    return signing.instruct(told.step(1), actor=holder, at=at or timezone.now(), authentication=BY_LINK)


def test_a_request_lives_until_the_end_of_the_deadline_day_where_late_signatures_are_blocked(tosu):
    tosu.sent()

    assert tosu.version.expires_at == end_of(tosu.case.conclusion_deadline_date)


def test_a_request_whose_time_is_over_ends_its_links_die_and_everyone_asked_is_told(tosu):
    tosu.sent()
    over = tosu.version.expires_at

    assert not ending.expire(tosu.version, at=over - timedelta(seconds=1))
    assert not ending.expire_next(at=over - timedelta(seconds=1))
    assert ending.expire_next(at=over)

    assert tosu.version.state == VersionState.EXPIRED
    assert {tosu.step(1).state, tosu.step(2).state} == {StepState.CANCELLED}
    assert not AccessLink.unscoped.filter(purpose=Purpose.SIGN, revoked_at=None).exists()
    assert Delivery.unscoped.filter(template="contracts/expired").count() == 2


def test_a_signature_in_hand_is_not_cut_off_by_the_clock(tosu):
    tosu.signed()

    assert not ending.expire(tosu.version, at=tosu.version.expires_at)
    assert not ending.expire_next(at=tosu.version.expires_at)
    assert tosu.version.state == VersionState.SENT


def test_the_next_version_takes_over_what_an_ended_one_said(tosu):
    tosu.sent()
    first = tosu.version
    ending.recall(first, actor=tosu.drafter, at=timezone.now(), reason="単価の見直し")

    second = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)

    assert (second.number, second.terms) == (2, first.terms)
    uploads = second.documents.order_by("order")
    assert [upload.title for upload in uploads] == ["特記仕様書"]
    assert uploads[0].revisions.get().sha256 == first.documents.get(order=2).revisions.get(number=0).sha256


def test_after_the_deadline_a_warning_city_waits_for_the_chiefs_reason():
    tenant = factories.city("tosu")
    factories.rule_set(tenant, deadline={"late_policy": "warn"})
    told = story("tosu").sent()
    late = end_of(told.case.conclusion_deadline_date) + timedelta(hours=1)

    with pytest.raises(TimeRefused, match="理由が市で記録されるまで"):
        sign_first(told, at=late)
    approving.allow_late(told.version, actor=told.approver, at=late, reason="落札者の代表者の急病による")
    step = sign_first(told, at=late)

    assert step.state == StepState.INSTRUCTED
    assert told.version.late_reason == "落札者の代表者の急病による"


def test_a_blocking_city_knows_no_reason_for_being_late(tosu):
    tosu.sent()

    with pytest.raises(ApprovalRefused, match="認められません"):
        approving.allow_late(tosu.version, actor=tosu.approver, at=timezone.now(), reason="急病")


def test_a_printed_date_holds_the_last_signature_to_its_day():
    factories.city("tosu")
    told = story("tosu").accepted()
    today = timezone.localdate()
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    told.send(version, contract_date=today + timedelta(days=2))
    sign_first(told)
    told.seal()
    signatory = factories.actor(told.signatory, told.tenant)

    def sign_second(days: int):
        at = end_of(today + timedelta(days=days)) - timedelta(hours=1)
        return signing.instruct(told.step(2), actor=signatory, at=at, authentication="パスワードとTOTP")

    with pytest.raises(TimeRefused, match="より前です"):
        sign_second(1)
    with pytest.raises(TimeRefused, match="遡及"):
        sign_second(3)
    assert sign_second(2).state == StepState.INSTRUCTED


def test_a_new_signer_gets_a_new_link_and_the_old_one_is_dead(tosu):
    tosu.sent()
    old = tosu.holder(Purpose.SIGN)

    step = reassigning.reassign(
        tosu.step(1),
        actor=tosu.drafter,
        at=timezone.now(),
        title="取締役支店長",
        name="邉　次郎",
        email="jiro@takasaki.example.jp",
        reason="受任者の交代",
    )

    assert (step.state, step.email) == (StepState.REQUESTED, "jiro@takasaki.example.jp")
    with pytest.raises(SigningRefused):
        signing.instruct(step, actor=old, at=timezone.now(), authentication=BY_LINK)
    assert Delivery.unscoped.filter(template="contracts/signature_requested", to="jiro@takasaki.example.jp").exists()
    assert Authority.unscoped.get(contractor=tosu.case.contractor).name == "邉　次郎"
    assert sign_first(tosu).state == StepState.INSTRUCTED


def test_a_signer_is_not_replaced_once_the_signature_is_given(tosu):
    tosu.signed()

    with pytest.raises(ReassignmentRefused, match="署名者は変えられません"):
        reassigning.reassign(
            tosu.step(1),
            actor=tosu.drafter,
            at=timezone.now(),
            title="社長",
            name="別人",
            email="b@example.jp",
            reason="交代",
        )


@pytest.mark.parametrize(
    ("starts", "ends", "may"),
    [(None, -1, False), (None, 0, True), (0, None, True), (1, None, False), (-10, 10, True)],
    ids=["ended-yesterday", "ends-today", "begins-today", "begins-tomorrow", "in-term"],
)
def test_a_contractors_term_of_office_is_asked_before_the_signature(tosu, starts, ends, may):
    tosu.sent()
    step, today = tosu.step(1), timezone.localdate()

    def day(offset: int | None) -> date | None:
        return None if offset is None else today + timedelta(days=offset)

    Authority.unscoped.create(
        tenant=tosu.tenant,
        contractor=tosu.case.contractor,
        basis="representative",
        title=step.title,
        name=step.name,
        email=step.email,
        starts_date=day(starts),
        ends_date=day(ends),
    )

    if may:
        assert sign_first(tosu).state == StepState.INSTRUCTED
    else:
        with pytest.raises(TermRefused, match="契約締結権限の期間"):
            sign_first(tosu)


def test_a_signatory_of_the_city_whose_term_ended_is_stopped_before_signing(tosu):
    tosu.signed().seal()
    actor = factories.actor(tosu.signatory, tosu.tenant)
    held = Membership.unscoped.filter(user=tosu.signatory, role=Role.SIGNATORY)
    held.update(ends_date=timezone.localdate() - timedelta(days=1))

    with pytest.raises(TermRefused, match="任期"):
        signing.instruct(tosu.step(2), actor=actor, at=timezone.now(), authentication="パスワードとTOTP")


def test_a_late_request_is_not_sent_at_all_where_no_time_is_left():
    factories.city("tosu")
    told = story("tosu").accepted()
    version = drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)
    drafting.submit(version, actor=told.drafter, at=timezone.now())

    with pytest.raises(TimeRefused, match="署名を依頼できません"):
        approving.approve(version, actor=told.approver, at=end_of(told.case.conclusion_deadline_date))
