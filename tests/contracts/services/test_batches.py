"""Many deeds with one press: each is the single deed, done once by the worker, and says what became of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Role
from audit.models import Event
from contracts.models import AccessLink, Batch, Consent, Deed, DocumentKind, Purpose, SigningJob
from contracts.services.batches import asking, carrying, kinds, signatures, submissions
from contracts.services.cases import registering
from contracts.services.signatures import ending
from contracts.services.versions import approving
from contracts.states import ApprovalState, ConsentState, DeedState, StepState, VersionState
from notifications.models import Delivery, DeliveryState
from tests import factories
from tests.stories import Story, story

pytestmark = pytest.mark.django_db
TOTP = "パスワードと認証アプリのコード"


def asked(name, actor, *, at=None, key=None, authentication=TOTP) -> Batch:
    """Ask for all that this person could do."""
    at, kind = at or timezone.now(), kinds.KINDS[name]
    targets = [row.pk for row in kind.among(actor, at=at)]
    return asking.ask(kind, targets=targets, key=key or uuid4(), actor=actor, at=at, authentication=authentication)


def carry(batch: Batch, *, at=None) -> dict[int, Deed]:
    while carrying.carry_next(tenant_id=batch.tenant_id, at=at or timezone.now()):
        pass
    return {deed.case_id: deed for deed in Deed.unscoped.filter(batch=batch)}


def told(name, actor, *, at=None):
    at, kind = at or timezone.now(), kinds.KINDS[name]
    return {each.case.pk: each for each in kind.tell(list(kind.among(actor, at=at)), actor, at)}


@pytest.fixture
def ready(tosu: Story) -> list[Story]:
    """Bring two contracts of one signatory to the city's signature."""
    found = [tosu, story()]
    found[1].signatory = tosu.signatory
    for each in found:
        each.signed()
        each.seal()
    return found


def test_one_press_is_one_instruction_for_each_contract(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    at = timezone.now()

    batch = asked("sign", actor, at=at)
    deeds = carry(batch, at=at + timedelta(seconds=40))

    assert [deeds[each.case.pk].state for each in ready] == [DeedState.DONE, DeedState.DONE]
    for each in ready:
        step = each.step(2)
        assert (step.state, step.authentication, step.instructed_at) == (StepState.INSTRUCTED, TOTP, at)
        assert SigningJob.unscoped.filter(step=step).count() == 2
        events = Event.objects.of_thread(each.tenant.pk, each.case.thread).filter(action="step.instructed")
        assert events.filter(subject=f"step:{step.pk}").count() == 1
    batch.refresh_from_db()
    assert batch.closed_at is not None
    assert Event.objects.filter(thread="batches", action="batch.done").count() == 1


def test_the_same_page_pressed_twice_asks_once(ready):
    actor, key = factories.actor(ready[0].signatory, ready[0].tenant), uuid4()

    first = asked("sign", actor, key=key)
    carry(first)

    assert asking.ask(signatures.KIND, targets=[1], key=key, actor=actor, at=timezone.now()) == first
    assert Deed.unscoped.count() == 2


def test_what_one_row_refuses_stops_no_other(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    batch = asked("sign", actor)
    ending.recall(ready[0].version, actor=ready[0].drafter, at=timezone.now(), reason="誤りがあったため")

    deeds = carry(batch)

    assert deeds[ready[0].case.pk].state == DeedState.LEFT
    assert "手続きできません" in deeds[ready[0].case.pk].outcome
    assert deeds[ready[1].case.pk].state == DeedState.DONE


def test_a_page_that_is_out_of_date_asks_for_nothing(ready):
    actor, kind = factories.actor(ready[0].signatory, ready[0].tenant), signatures.KIND
    targets = [row.pk for row in kind.among(actor, at=timezone.now())]
    ending.recall(ready[0].version, actor=ready[0].drafter, at=timezone.now(), reason="誤りがあったため")

    with pytest.raises(asking.BatchRefused, match="選んだもののうち1件"):
        asking.ask(kind, targets=targets, key=uuid4(), actor=actor, at=timezone.now(), authentication=TOTP)

    assert not Batch.unscoped.exists()


def test_a_signature_given_in_time_does_not_run_out_while_it_waits_for_the_worker(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    version = ready[0].version
    version.expires_at = timezone.now() + timedelta(seconds=5)
    version.save()
    batch = asked("sign", actor, at=version.expires_at - timedelta(seconds=2))
    later = version.expires_at + timedelta(seconds=3)

    assert not ending.expire_next(at=later)
    assert carry(batch, at=later)[ready[0].case.pk].state == DeedState.DONE


def test_whoever_lost_the_role_in_between_signs_nothing(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    batch = asked("sign", actor)
    Membership.unscoped.filter(user=ready[0].signatory).delete()

    deeds = carry(batch)

    assert {deed.state for deed in deeds.values()} == {DeedState.LEFT}
    assert ready[0].step(2).state == StepState.REQUESTED


def test_a_term_that_is_over_stands_against_every_row(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    Membership.unscoped.filter(user=ready[0].signatory).update(ends_date=timezone.localdate() - timedelta(days=1))

    assert all("任期" in each.obstacle for each in told("sign", actor).values())
    with pytest.raises(asking.BatchRefused):
        asked("sign", actor)


def test_without_the_role_nothing_can_be_asked_for(tosu):
    with pytest.raises(PermissionDenied):
        asking.ask(signatures.KIND, targets=[1], key=uuid4(), actor=tosu.drafter, at=timezone.now())


def test_nobody_signs_together_without_a_second_factor(ready):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)

    with pytest.raises(asking.BatchRefused, match="認証アプリ"):
        asked("sign", actor, authentication="")


def test_a_worker_that_dies_leaves_the_deed_whole_for_the_next(ready, monkeypatch):
    actor = factories.actor(ready[0].signatory, ready[0].tenant)
    batch = asked("sign", actor)

    def die(*_args, **_values):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "_end", die)
        with pytest.raises(SystemExit):
            carrying.carry_next(tenant_id=batch.tenant_id, at=timezone.now())

    assert not SigningJob.unscoped.filter(step__in=[each.step(2) for each in ready]).exists()
    assert {deed.state for deed in carry(batch).values()} == {DeedState.DONE}
    assert Event.objects.filter(action="step.instructed", actor_name__contains=actor.email).count() == 2


def test_what_nobody_foresaw_is_tried_again_and_then_left_with_a_word(ready, monkeypatch):
    actor, at = factories.actor(ready[0].signatory, ready[0].tenant), timezone.now()
    batch = asked("sign", actor, at=at)
    monkeypatch.setattr(signatures.signing, "instruct", lambda *_args, **_values: 1 / 0)

    for minutes in (0, 1, 3, 9):
        carry(batch, at=at + timedelta(minutes=minutes))

    deeds = Deed.unscoped.filter(batch=batch)
    assert {(deed.state, deed.outcome) for deed in deeds} == {(DeedState.LEFT, carrying.TROUBLE)}


def test_approving_together_sends_what_is_approved_and_never_a_step_that_was_not_shown(tosu):
    other = story(approver=tosu.approver)
    for each in (tosu, other):
        each.accepted()
        draft(each)
    batch = asked("approve", tosu.approver)
    approving.return_(other.version, actor=tosu.approver, at=timezone.now(), reason="金額の誤り")

    deeds = carry(batch)

    assert "署名を依頼しました" in deeds[tosu.case.pk].outcome
    assert tosu.version.state == VersionState.SENT
    assert (deeds[other.case.pk].state, other.version.state) == (DeedState.LEFT, VersionState.RETURNED)
    assert tosu.version.approval_steps.latest("order").state == ApprovalState.DONE


def draft(each: Story) -> None:
    from contracts.services.versions import drafting

    version = drafting.draft(each.case, actor=each.drafter, at=timezone.now(), signatory=each.signatory)
    drafting.submit(version, actor=each.drafter, at=timezone.now())


def test_the_approval_of_many_drafts_is_asked_for_together_and_freezes_each_contract(tosu):
    other = story()
    for each in (tosu, other):
        begin(each)

    deeds = carry(asked("submit", tosu.drafter))

    assert {deed.state for deed in deeds.values()} == {DeedState.DONE}
    for each in (tosu, other):
        assert each.version.state == VersionState.IN_APPROVAL
        assert each.version.documents.filter(kind=DocumentKind.CONTRACT).count() == 1


def begin(each: Story) -> None:
    from contracts.services.versions import drafting

    each.accepted()
    drafting.draft(each.case, actor=each.drafter, at=timezone.now(), signatory=each.signatory)


def edit(each: Story) -> None:
    from contracts.services.versions import drafting, sheets

    version = each.version
    sheet = replace(sheets.sheet_of(version), amount=version.amount + 10_000)
    press = {"actor": each.drafter, "at": timezone.now(), "edit_number": version.edit_number}
    drafting.change(version, sheet=sheet, signatory=each.signatory, **press)


def test_a_draft_that_was_edited_after_the_press_is_not_submitted(tosu):
    begin(tosu)
    batch = asked("submit", tosu.drafter)
    edit(tosu)

    deed = carry(batch)[tosu.case.pk]

    assert (deed.state, tosu.version.state) == (DeedState.LEFT, VersionState.DRAFT)
    assert "編集しました" in deed.outcome


def test_a_draft_that_was_edited_after_the_look_is_not_asked_for(tosu):
    begin(tosu)
    seen = {tosu.version.pk: tosu.version.edit_number}
    edit(tosu)

    with pytest.raises(asking.BatchRefused, match="選んだもののうち1件"):
        asking.ask(submissions.KIND, targets=seen, seen=seen, key=uuid4(), actor=tosu.drafter, at=timezone.now())


def test_what_stands_against_a_draft_is_told_before_the_press(tosu):
    begin(tosu)
    version = tosu.version
    version.contract_date = timezone.localdate() - timedelta(days=1)
    version.save()

    assert "契約日を今日より前" in told("submit", tosu.drafter)[tosu.case.pk].obstacle


def test_telling_of_two_drafts_asks_as_much_of_the_database_as_telling_of_one(tosu):
    asked_for = []
    for each in (tosu, story()):
        begin(each)
        with CaptureQueriesContext(connection) as queries:
            found = told("submit", tosu.drafter)
        asked_for.append(len(queries))

    assert len(found) == 2
    assert asked_for[0] == asked_for[1]


def test_deciding_is_offered_only_to_whom_a_step_waits_for(tosu):
    def offered(actor):
        return {kind.name for kind in kinds.open_to(actor, at=timezone.now())}

    assert "approve" not in offered(tosu.approver)
    begin(tosu)
    carry(asked("submit", tosu.drafter))

    assert "approve" in offered(tosu.approver)
    assert "approve" not in offered(tosu.drafter)
    assert "approve" not in offered(factories.staff(tosu.tenant, Role.SIGNATORY))


def test_inviting_together_asks_each_awardee_once(tosu):
    other = story()
    batch = asked("invite", tosu.drafter)
    registering.switch_to_paper(other.case, actor=other.drafter, at=timezone.now(), contract_date=timezone.localdate())

    deeds = carry(batch)

    assert deeds[tosu.case.pk].state == DeedState.DONE
    assert tosu.consent.state == ConsentState.INVITED
    assert deeds[other.case.pk].state == DeedState.LEFT
    assert not Consent.unscoped.filter(case=other.case, state=ConsentState.INVITED).exists()


def test_reminding_together_sends_a_fresh_link_once_a_day(tosu):
    tosu.invited()
    Delivery.unscoped.update(state=DeliveryState.SENT, sent_at=timezone.now(), next_attempt_at=None, sealed_link=None)
    tomorrow = timezone.now() + timedelta(days=1)

    assert told("remind", tosu.drafter)[tosu.case.pk].obstacle == "今日すでに送っています。"
    batch = asked("remind", tosu.drafter, at=tomorrow)
    again = asked("remind", tosu.drafter, at=tomorrow)
    deeds = carry(batch, at=tomorrow)

    links = AccessLink.unscoped.filter(case=tosu.case, purpose=Purpose.CONSENT)
    assert deeds[tosu.case.pk].state == DeedState.DONE
    assert [link.revoked_at is None for link in links.order_by("pk")] == [False, True]
    assert carry(again)[tosu.case.pk].state == DeedState.LEFT
    assert Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="mail.resent").count() == 1


@pytest.mark.parametrize("name", ["sign", "approve", "submit", "invite", "remind"])
def test_telling_of_many_costs_what_telling_of_one_does(name, tosu, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        told(name, factories.staff(tosu.tenant, Role.DRAFTER, Role.SIGNATORY, Role.APPROVER))
