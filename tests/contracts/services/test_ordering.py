"""Who signs in which order: every member of a joint venture, a contact who looks first, the city last."""

import pytest
from django.utils import timezone

from contracts.models import Consent, JvMember, Purpose, SigningStep, StepKind
from contracts.reading import content_of
from contracts.services.signatures import signing
from contracts.services.signatures.signing import SigningRefused
from contracts.services.versions import drafting
from contracts.services.versions.drafting import DraftRefused
from contracts.states import ConsentState, StepState, VersionState
from signing import pages
from tests import factories
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def venture() -> Story:
    """Award a case to a joint venture of three firms, the second of which represents it."""
    tenant = factories.city("tosu")
    firms = [
        factories.contractor(tenant, name=name, representative_name=person, email=f"{mailbox}@example.jp")
        for name, person, mailbox in (
            ("㈱髙﨑建設", "髙﨑　一郎", "taka"),
            ("株式会社濵田組", "濵田　二郎", "hama"),
            ("有限会社邉土木", "邉　三郎", "nabe"),
        )
    ]
    made = factories.contractor(tenant, name="髙﨑・濵田・邉特定建設工事共同企業体", is_joint_venture=True)
    for order, firm in enumerate(firms, start=1):
        JvMember.unscoped.create(
            tenant=tenant, joint_venture=made, member=firm, order=order, is_representative=order == 2
        )
    return story("tosu", contractor=made)


def test_every_member_of_a_joint_venture_is_asked_for_its_own_consent(venture):
    venture.invited()

    asked = Consent.unscoped.filter(case=venture.case).order_by("contractor_id")
    assert [consent.authority_name for consent in asked] == ["髙﨑　一郎", "濵田　二郎", "邉　三郎"]


def test_no_contract_is_drafted_while_one_member_has_not_consented(venture):
    venture.accepted()
    Consent.unscoped.filter(authority_name="邉　三郎").update(state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now())

    with pytest.raises(DraftRefused, match="有限会社邉土木"):
        drafting.draft(venture.case, actor=venture.drafter, at=timezone.now(), signatory=venture.signatory)


def test_the_members_sign_in_order_then_the_representative_then_the_city(venture):
    venture.sent()

    steps = SigningStep.unscoped.filter(version=venture.version).order_by("order")
    assert [step.name for step in steps] == ["髙﨑　一郎", "邉　三郎", "濵田　二郎", "向門　慶人"]
    assert [step.state for step in steps] == [StepState.REQUESTED, *[StepState.WAITING] * 3]


def test_a_joint_ventures_contract_carries_every_signature_and_names_every_member(venture):
    venture.concluded()

    assert venture.version.state == VersionState.CONCLUDED
    document = venture.version.documents.get(order=1)
    assert document.revisions.count() == 5
    content = content_of(document, number=0)
    text = "".join(pages.text(content, page=n + 1) for n in range(document.pages))
    assert "髙﨑・濵田・邉特定建設工事共同企業体" in text.replace("\n", "")
    assert "代表構成員" in text


def test_a_member_cannot_sign_in_anothers_place(venture):
    venture.sent()
    holder = venture.holder(Purpose.SIGN)

    with pytest.raises(SigningRefused):
        signing.instruct(venture.step(2), actor=holder, at=timezone.now(), authentication="メールのリンク")


@pytest.fixture
def careful() -> Story:
    """Award a case in a city whose rules let a firm's contact look before the authority signs."""
    tenant = factories.city("tosu")
    factories.rule_set(tenant, signing={"contact_confirms": True})
    return story("tosu").accepted(contact_email="jimu@takasaki.example.jp")


def test_a_firms_contact_looks_first_and_signs_nothing(careful):
    version = drafting.draft(careful.case, actor=careful.drafter, at=timezone.now(), signatory=careful.signatory)
    careful.send(version)
    first = careful.step(1)
    holder = careful.holder(Purpose.SIGN)
    assert (first.kind, first.email) == (StepKind.CONFIRM, "jimu@takasaki.example.jp")

    with pytest.raises(SigningRefused):
        signing.instruct(first, actor=holder, at=timezone.now(), authentication="メールのリンク")
    signing.confirm(first, actor=holder, at=timezone.now())

    assert careful.step(1).state == StepState.CONFIRMED
    assert careful.step(2).state == StepState.REQUESTED


def test_a_contract_whose_contact_looked_first_is_concluded_with_two_signatures(careful):
    version = drafting.draft(careful.case, actor=careful.drafter, at=timezone.now(), signatory=careful.signatory)
    careful.send(version)

    careful.sign_all()

    assert careful.version.state == VersionState.CONCLUDED
    assert careful.version.documents.get(order=1).revisions.count() == 3
