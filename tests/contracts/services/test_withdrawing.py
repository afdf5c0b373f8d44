"""承諾の撤回: until the contract is concluded the firm may go back to paper, and what was under way ends with it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import Event
from contracts.models import AccessLink, Consent, ContractVersion, Purpose
from contracts.services.consents import consenting, withdrawing
from contracts.services.consents.withdrawing import WithdrawalRefused
from contracts.services.signatures import ending, signing
from contracts.services.signatures.ending import EndingRefused
from contracts.services.signatures.signing import SigningRefused
from contracts.services.versions import drafting
from contracts.services.versions.drafting import DraftRefused
from contracts.states import ApprovalState, CaseState, ConsentState, StepState, VersionState
from notifications.models import Delivery
from tests.stories import Story

pytestmark = pytest.mark.django_db
WHY = "社内の決裁が紙に限られるため"


def withdraw(tosu: Story, *, actor=None, reason: str = WHY) -> Consent:
    consent = Consent.unscoped.filter(case=tosu.case).latest("pk")
    return withdrawing.withdraw(consent, actor=actor or tosu.holder(Purpose.STANDING), at=timezone.now(), reason=reason)


def recipients() -> set[str]:
    return set(Delivery.unscoped.filter(template="contracts/consent_withdrawn").values_list("to", flat=True))


def draft(tosu: Story) -> ContractVersion:
    return drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)


def test_the_firm_withdraws_behind_the_link_that_came_with_the_acceptance(tosu):
    tosu.accepted()

    consent = withdraw(tosu)

    assert (consent.state, consent.withdrawal_reason) == (ConsentState.WITHDRAWN, WHY)
    assert recipients() == {tosu.drafter.email, consent.authority_email}
    with pytest.raises(DraftRefused, match="承諾を確認して"):
        draft(tosu)


def test_staff_register_a_withdrawal_that_came_otherwise(tosu):
    tosu.accepted()

    withdraw(tosu, actor=tosu.drafter)

    written = Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).get(action="consent.withdrawn")
    assert WHY in written.data
    assert tosu.drafter.name in written.actor_name


def test_a_form_that_waits_to_be_accepted_may_be_withdrawn_by_staff_only(tosu):
    tosu.invited()
    consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=timezone.now(), answers=tosu.answers())

    with pytest.raises(PermissionDenied):
        withdraw(tosu, actor=tosu.holder(Purpose.CONSENT))
    assert withdraw(tosu, actor=tosu.drafter).state == ConsentState.WITHDRAWN


def test_a_draft_is_given_up_and_a_new_invitation_starts_afresh(tosu):
    tosu.accepted()
    version = draft(tosu)

    withdraw(tosu)

    version.refresh_from_db()
    assert version.state == VersionState.DISCARDED
    consenting.invite(tosu.case, actor=tosu.drafter, at=timezone.now())
    states = Consent.unscoped.filter(case=tosu.case).order_by("pk").values_list("state", flat=True)
    assert list(states) == [ConsentState.WITHDRAWN, ConsentState.INVITED]


def test_a_draft_in_approval_goes_back_with_its_route_closed(tosu):
    tosu.accepted()
    version = draft(tosu)
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    withdraw(tosu)

    version.refresh_from_db()
    assert version.state == VersionState.RETURNED
    assert WHY in version.end_reason
    open_ = {ApprovalState.WAITING, ApprovalState.OPEN}
    assert not version.approval_steps.filter(state__in=open_).exists()


def test_a_request_for_signature_is_taken_back_and_its_link_dies(tosu):
    tosu.sent()
    signer = tosu.holder(Purpose.SIGN)

    withdraw(tosu)

    tosu.case.refresh_from_db()
    assert (tosu.version.state, tosu.case.state) == (VersionState.RECALLED, CaseState.CONTRACTING)
    assert WHY in tosu.version.end_reason
    assert tosu.step(1).state == StepState.CANCELLED
    assert not AccessLink.unscoped.filter(step=tosu.step(1), revoked_at=None).exists()
    with pytest.raises(SigningRefused):
        signing.instruct(tosu.step(1), actor=signer, at=timezone.now(), authentication="メールのリンク")


def test_nothing_is_withdrawn_while_a_signature_is_being_made(tosu):
    tosu.signed()

    with pytest.raises(EndingRefused, match="署名の処理中"):
        withdraw(tosu)

    assert tosu.consent.state == ConsentState.ACCEPTED


def test_after_the_firms_own_signature_it_may_still_withdraw_until_the_city_signs(tosu):
    tosu.signed().seal()

    withdraw(tosu)

    assert tosu.version.state == VersionState.RECALLED


def test_nothing_is_withdrawn_from_a_concluded_contract(tosu):
    tosu.concluded()
    tosu.case.refresh_from_db()

    with pytest.raises(WithdrawalRefused, match="締結が済んで"):
        withdraw(tosu)


def test_a_withdrawal_says_why(tosu):
    tosu.accepted()

    with pytest.raises(WithdrawalRefused, match="理由"):
        withdraw(tosu, reason="　")


def test_a_version_opened_between_the_two_locks_is_noticed(tosu, monkeypatch):
    tosu.accepted()
    lock = ending.lock

    def drafted_meanwhile(row):
        draft(tosu)
        return lock(row)

    monkeypatch.setattr(ending, "lock", drafted_meanwhile)
    with pytest.raises(EndingRefused, match="重なりました"):
        withdraw(tosu)
