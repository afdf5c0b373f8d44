"""署名者の変更: the firm's authority follows the signer, and a signer may name another one themself."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.refusals import MovedOn
from audit.models import Event
from contracts.models import AccessLink, Authority, Purpose, SignerChange, StepKind
from contracts.services.cases import amending
from contracts.services.cases.amending import AmendmentRefused
from contracts.services.consents import addresses
from contracts.services.signatures import changing, ending, reassigning, signing
from contracts.services.signatures.changing import ChangeRefused
from contracts.services.signatures.people import TermRefused
from contracts.services.versions import drafting
from contracts.states import ChangeState, StepState
from notifications.models import Delivery
from tests import factories
from tests.contracts.links.conftest import holder_of
from tests.stories import Story, story

pytestmark = pytest.mark.django_db
OLD, NEW = "keiyaku@takasaki.example.jp", "jiro@takasaki.example.jp"
JIRO = {"title": "取締役支店長", "name": "邉　次郎", "email": NEW}


def now():
    return timezone.now()


def reassign(told: Story, order: int = 1, **person: str):
    typed = JIRO | {"reason": "受任者の交代"} | person
    return reassigning.reassign(told.step(order), actor=told.drafter, at=now(), **typed)


def ask(told: Story, **person: str) -> SignerChange:
    typed = JIRO | {"reason": "受任者の交代"} | person
    return changing.ask(told.step(1), actor=told.holder(Purpose.SIGN), at=now(), **typed)


def sign_first(told: Story):
    return signing.instruct(told.step(1), actor=told.holder(Purpose.SIGN), at=now(), authentication="メールのリンク")


def told_of(template: str) -> list[str]:
    return list(Delivery.unscoped.filter(template=f"contracts/{template}").order_by("pk").values_list("to", flat=True))


def test_a_new_signer_becomes_the_authority_and_the_next_contract_asks_them(tosu):
    tosu.sent()
    reassign(tosu)
    assert (tosu.consent.authority_name, tosu.consent.authority_email) == ("邉　次郎", NEW)
    assert tosu.consent.address_confirmed_at is None

    tosu.sign_all()

    assert tosu.consent.address_confirmed_at is not None
    amendment = amending.amend(
        tosu.case, actor=tosu.drafter, at=now(), signatory=tosu.signatory, reason="地質の相違による設計変更"
    )
    tosu.send(amendment, amount=12_000_000)
    assert (tosu.step(1).title, tosu.step(1).name, tosu.step(1).email) == ("取締役支店長", "邉　次郎", NEW)


def test_the_signature_answers_for_the_address_and_moves_the_standing_to_it(tosu):
    tosu.sent()
    reassign(tosu)
    sign_first(tosu)

    (standing,) = AccessLink.unscoped.filter(purpose=Purpose.STANDING, revoked_at=None)
    assert standing.email == NEW
    assert told_of("consent_accepted") == [OLD, NEW]
    assert Event.objects.filter(tenant_id=tosu.tenant.pk, action="consent.address_confirmed").count() == 1


def test_an_address_that_never_signed_owes_its_answer_before_the_next_draft(tosu):
    tosu.concluded()
    amendment = amending.amend(tosu.case, actor=tosu.drafter, at=now(), signatory=tosu.signatory, reason="追加工事")
    tosu.send(amendment, amount=12_000_000)
    reassign(tosu)
    ending.recall(tosu.version, actor=tosu.drafter, at=now(), reason="単価の見直し")

    with pytest.raises(AmendmentRefused, match="新しい宛先の確認"):
        amending.amend(tosu.case, actor=tosu.drafter, at=now(), signatory=tosu.signatory, reason="追加工事")
    addresses.ask_again(tosu.consent, actor=tosu.drafter, at=now())
    addresses.confirm(tosu.consent, actor=holder_of(tosu.consent, Purpose.ADDRESS), at=now())

    assert amending.amend(tosu.case, actor=tosu.drafter, at=now(), signatory=tosu.signatory, reason="追加工事")


def test_a_new_title_at_the_same_address_owes_no_answer_and_tells_nobody_else(tosu):
    tosu.sent()

    reassign(tosu, title="代表取締役会長", name="髙﨑　𠮷男", email=OLD)

    assert tosu.consent.authority_title == "代表取締役会長"
    assert tosu.consent.address_confirmed_at is not None


def test_the_former_signer_is_told_and_the_history_is_kept(tosu):
    tosu.sent()
    reassign(tosu)

    assert told_of("signer_changed") == [OLD]
    event = Event.objects.get(tenant_id=tosu.tenant.pk, action="step.reassigned")
    data = json.loads(event.data)
    assert (data["before"], data["consent"]) == (f"代表取締役 髙﨑　𠮷男 <{OLD}>", tosu.consent.pk)
    assert tosu.consent.submissions.count() == 1


def test_another_contact_is_kept_as_the_contact_and_gains_no_authority():
    tenant = factories.city("tosu")
    factories.rule_set(tenant, signing={"contact_confirms": True})
    told = story("tosu").accepted(contact_email="jimu@takasaki.example.jp")
    told.send(drafting.draft(told.case, actor=told.drafter, at=now(), signatory=told.signatory))
    assert told.step(1).kind == StepKind.CONFIRM

    reassign(told, title="係長", name="次の担当", email="tsugi@takasaki.example.jp")

    consent = told.consent
    assert (consent.contact_name, consent.contact_email) == ("次の担当", "tsugi@takasaki.example.jp")
    assert consent.authority_email == OLD
    assert not Authority.unscoped.filter(contractor=told.case.contractor).exists()


def test_a_signers_wish_reaches_the_department_and_their_link_lives_on(tosu):
    tosu.sent()

    change = ask(tosu)

    assert (change.state, change.asked_by, change.asked_email) == (ChangeState.ASKED, "髙﨑　𠮷男", OLD)
    assert told_of("signer_change_asked") == [tosu.drafter.email]
    assert tosu.step(1).email == OLD
    assert sign_first(tosu).state == StepState.INSTRUCTED


def test_a_wish_that_is_accepted_asks_the_other_person_and_kills_the_old_link(tosu):
    tosu.sent()
    old = tosu.holder(Purpose.SIGN)
    change = ask(tosu)

    step = reassigning.accept(change, actor=tosu.drafter, at=now())

    change.refresh_from_db()
    assert (step.name, step.email, step.state) == ("邉　次郎", NEW, StepState.REQUESTED)
    assert (change.state, change.answered_by_id) == (ChangeState.ACCEPTED, tosu.drafter.user_id)
    assert told_of("signature_requested")[-1] == NEW
    with pytest.raises(signing.SigningRefused):
        signing.instruct(tosu.step(1), actor=old, at=now(), authentication="メールのリンク")
    assert tosu.consent.authority_email == NEW
    with pytest.raises(MovedOn):
        reassigning.accept(change, actor=tosu.drafter, at=now())


def test_a_wish_that_is_refused_says_why_and_another_may_follow(tosu):
    tosu.sent()
    change = ask(tosu)
    with pytest.raises(ChangeRefused, match="理由を入力"):
        changing.refuse(change, actor=tosu.drafter, at=now(), reason=" ")

    changing.refuse(change, actor=tosu.drafter, at=now(), reason="委任状が届いていません。")

    assert told_of("signer_change_refused") == [OLD]
    with pytest.raises(MovedOn):
        reassigning.accept(change, actor=tosu.drafter, at=now())
    assert ask(tosu).state == ChangeState.ASKED
    assert sign_first(tosu).state == StepState.INSTRUCTED


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"reason": "　"}, "理由を入力"),
        ({"title": "代表取締役", "name": "髙﨑　𠮷男", "email": OLD.upper()}, "変わっていません"),
    ],
)
def test_a_wish_needs_a_reason_and_another_person(tosu, typed, says):
    tosu.sent()

    with pytest.raises(ChangeRefused, match=says):
        ask(tosu, **typed)


def test_a_second_wish_waits_for_the_first_answer(tosu):
    tosu.sent()
    ask(tosu)

    with pytest.raises(ChangeRefused, match="すでに申し出ています"):
        ask(tosu, email="saburo@takasaki.example.jp")


def test_nobody_names_another_signer_for_someone_elses_signature(tosu):
    tosu.sent()
    other = tosu.holder(Purpose.STANDING)

    with pytest.raises(ChangeRefused, match="手続きできません"):
        changing.ask(tosu.step(1), actor=other, at=now(), reason="交代", **JIRO)


@pytest.mark.parametrize("way", ["signed", "declined", "recalled", "reassigned"])
def test_a_wish_needs_no_answer_once_the_matter_is_settled_otherwise(tosu, way):
    tosu.sent()
    change = ask(tosu)

    if way == "signed":
        sign_first(tosu)
    elif way == "declined":
        ending.decline(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=now(), reason="金額が違います。")
    elif way == "recalled":
        ending.recall(tosu.version, actor=tosu.drafter, at=now(), reason="単価の見直し")
    else:
        reassign(tosu, email="saburo@takasaki.example.jp")

    change.refresh_from_db()
    assert (change.state, change.answered_at) == (ChangeState.LAPSED, None)
    with pytest.raises(MovedOn):
        changing.refuse(change, actor=tosu.drafter, at=now(), reason="不要")


def test_a_person_whose_term_is_over_is_not_accepted_and_the_wish_stays_open(tosu):
    tosu.sent()
    Authority.unscoped.create(
        tenant=tosu.tenant,
        contractor=tosu.case.contractor,
        basis="agent",
        ends_date=timezone.localdate() - timedelta(days=1),
        **JIRO,
    )
    change = ask(tosu)

    with pytest.raises(TermRefused):
        reassigning.accept(change, actor=tosu.drafter, at=now())

    change.refresh_from_db()
    assert change.state == ChangeState.ASKED
