"""The shield before a link goes to a firm: who must have looked at the address, and what the log keeps of it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from contracts.models import Authority, Basis, Consent
from contracts.services.consents import consenting
from contracts.services.mails import shielding
from contracts.services.mails.shielding import AddressDoubtful, Aim
from contracts.services.register import enlisting
from contracts.services.signatures import reassigning
from contracts.services.versions import drafting
from notifications.models import Delivery
from tests import factories
from tests.contracts.mails.conftest import another_firm, bounce, link_of, mail_of
from tests.stories import story

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def last(action: str) -> dict:
    return json.loads(Event.objects.filter(action=action).latest("seq").data)


def test_nothing_is_sent_to_an_address_of_another_firm_before_someone_has_looked(tosu):
    another_firm(tosu, name="㈱佐藤組", email="KEIYAKU@takasaki.example.jp")

    with pytest.raises(AddressDoubtful, match="㈱佐藤組"):
        consenting.invite(tosu.case, actor=tosu.drafter, at=now())
    assert not Delivery.unscoped.exists()

    consenting.invite(tosu.case, actor=tosu.drafter, at=now(), addresses_checked=True)
    assert "㈱佐藤組" in last("consent.invited")["doubts"][0]


def test_an_ordinary_address_is_asked_about_by_nobody(tosu):
    consenting.invite(tosu.case, actor=tosu.drafter, at=now())

    assert "doubts" not in last("consent.invited")


def test_branches_of_one_firm_and_members_of_a_joint_venture_may_share_an_address(tosu):
    firm = tosu.case.contractor
    another_firm(tosu, name=firm.name, branch="鳥栖支店", email=firm.email)
    venture = another_firm(tosu, name="特定建設工事共同企業体", is_joint_venture=True, email=firm.email)
    enlisting.arrange(venture, actor=tosu.drafter, at=now(), edit_number=0, members=[firm], representative=firm)

    assert shielding.of_invitation(tosu.case) == []


def test_a_firm_of_the_next_city_does_not_count(tosu):
    other = story("usuki")
    factories.contractor(other.tenant, email=tosu.case.contractor.email)
    factories.city("tosu")

    assert shielding.of_invitation(tosu.case) == []


def test_mail_that_came_back_is_remembered_until_a_link_sent_there_is_opened(tosu):
    tosu.invited()
    bounce(mail_of("consent_invited"), ago=timedelta(days=1))
    with pytest.raises(AddressDoubtful, match="届きませんでした"):
        consenting.invite(tosu.case, actor=tosu.drafter, at=now())

    link = link_of(mail_of("consent_invited"))
    link.opened_at = now()
    link.save(update_fields=["opened_at"])
    Delivery.unscoped.update(created_at=now() - timedelta(days=1))

    assert shielding.of_invitation(tosu.case) == []


def test_approval_is_not_asked_for_while_a_signers_address_is_doubtful(tosu):
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=now(), signatory=tosu.signatory)
    bounce(mail_of("consent_accepted"))

    with pytest.raises(AddressDoubtful):
        drafting.submit(version, actor=tosu.drafter, at=now())
    drafting.submit(version, actor=tosu.drafter, at=now(), addresses_checked=True)

    assert "届きませんでした" in last("contract.submitted")["doubts"][0]


def test_a_signer_at_another_domain_is_looked_at_before_they_are_asked(tosu):
    tosu.sent()
    step = tosu.step(1)
    person = {"title": step.title, "name": "邉　次郎", "email": "jiro@takasakl.example.jp", "reason": "退任"}

    with pytest.raises(AddressDoubtful, match="名簿の宛先"):
        reassigning.reassign(step, actor=tosu.drafter, at=now(), **person)
    assert tosu.step(1).email == step.email

    reassigning.reassign(step, actor=tosu.drafter, at=now(), addresses_checked=True, **person)
    assert tosu.step(1).email == "jiro@takasakl.example.jp"


def test_whoever_the_register_names_as_authority_is_known(tosu):
    firm = tosu.case.contractor
    Authority.unscoped.create(
        tenant=tosu.tenant,
        contractor=firm,
        basis=Basis.AGENT,
        title="支店長",
        name="濵田",
        email="hamada@branch.example.jp",
    )

    assert shielding.of([Aim(firm, "hamada@branch.example.jp")]) == []


def test_however_many_firms_the_questions_are_the_same_few(tosu, django_assert_num_queries):
    firms = [another_firm(tosu) for _ in range(5)]

    with django_assert_num_queries(4):
        shielding.of([Aim(firm, firm.email) for firm in firms])
    assert Consent.unscoped.count() == 0
