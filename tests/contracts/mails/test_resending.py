"""A mail is sent again or put right: one living link, at the address that holds now, and evidence of both."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import AccessLink, Purpose
from contracts.services import links
from contracts.services.consents import addresses, consenting
from contracts.services.mails import resending
from contracts.services.mails.shielding import AddressDoubtful
from contracts.services.mails.ways import MailRefused
from contracts.services.signatures import signing
from notifications.models import Delivery, DeliveryState
from tests import factories
from tests.contracts.links.conftest import holder_of
from tests.contracts.mails.conftest import arrive, bounce, link_of, mail_of

pytestmark = pytest.mark.django_db
NEW = "keiyaku2@takasaki.example.jp"
REASON = "電話で確かめました。"


def now():
    return timezone.now()


def resend(told, delivery, **options):
    return resending.resend(delivery, actor=told.drafter, at=now(), **options)


def correct(told, delivery, email=NEW, **options):
    typed = {"email": email, "reason": REASON} | options
    resending.correct(delivery, actor=told.drafter, at=now(), **typed)


def last(action: str) -> dict:
    return json.loads(Event.objects.filter(action=action).latest("seq").data)


def living(purpose: Purpose) -> list[str]:
    rows = AccessLink.unscoped.filter(purpose=purpose, revoked_at=None).order_by("pk")
    return list(rows.values_list("email", flat=True))


@pytest.mark.parametrize(
    ("template", "purpose", "reach"),
    [
        ("consent_invited", Purpose.CONSENT, "invited"),
        ("consent_accepted", Purpose.STANDING, "accepted"),
        ("signature_requested", Purpose.SIGN, "sent"),
    ],
)
def test_a_mail_that_waits_is_sent_again_with_a_fresh_link_and_the_old_one_dies(tosu, template, purpose, reach):
    getattr(tosu, reach)()
    former = arrive(mail_of(template))

    address = resend(tosu, former)

    fresh = mail_of(template)
    assert fresh.pk != former.pk
    assert (fresh.to, address) == (former.to, former.to)
    assert link_of(former).revoked_at is not None
    assert link_of(fresh).is_live(at=now())
    assert living(purpose) == [former.to]
    assert last("mail.resent")["to"] == former.to


def test_a_mail_that_has_not_left_is_cancelled_when_another_takes_its_place(tosu):
    tosu.invited()
    waiting = mail_of("consent_invited")

    resend(tosu, waiting)

    waiting.refresh_from_db()
    assert waiting.state == DeliveryState.CANCELLED
    assert waiting.sealed_link is None
    assert mail_of("consent_invited").state == DeliveryState.QUEUED


def test_a_mail_that_came_back_goes_there_again_only_after_a_look_at_the_address(tosu):
    tosu.invited()
    lost = bounce(mail_of("consent_invited"))

    with pytest.raises(AddressDoubtful):
        resend(tosu, lost)
    resend(tosu, lost, addresses_checked=True)

    assert "届きませんでした" in last("mail.resent")["doubts"][0]


def test_nothing_is_sent_again_when_the_matter_is_done(tosu):
    tosu.accepted()
    before = Delivery.unscoped.count()

    with pytest.raises(MailRefused, match="用件は済んで"):
        resend(tosu, mail_of("consent_invited"))
    with pytest.raises(MailRefused, match="リンクがありません"):
        resend(tosu, mail_of("consent_receipt"))
    assert Delivery.unscoped.count() == before


def test_those_who_do_not_draft_send_nothing_again(tosu):
    tosu.invited()
    approver = factories.staff(tosu.tenant, Role.APPROVER)
    officer = factories.staff(tosu.tenant, Role.GUARANTEE_OFFICER)

    with pytest.raises(PermissionDenied):
        resending.resend(mail_of("consent_invited"), actor=approver, at=now())
    with pytest.raises(MailRefused, match="起案者"):
        resending.resend(mail_of("consent_invited"), actor=officer, at=now())


def test_the_address_of_an_invitation_is_put_right_on_the_register(tosu):
    tosu.invited()
    lost = bounce(mail_of("consent_invited"))

    correct(tosu, lost)

    tosu.case.contractor.refresh_from_db()
    assert tosu.case.contractor.email == NEW
    assert mail_of("consent_invited").to == NEW
    assert living(Purpose.CONSENT) == [NEW]
    assert last("contractor.corrected")["changes"]["email"]["before"] == lost.to
    told = last("mail.corrected")
    assert (told["before"], told["to"], told["reason"]) == (lost.to, NEW, REASON)
    assert "名簿にない宛先" in told["doubts"][0]


def test_a_typed_authority_is_put_right_on_the_form_and_must_answer_itself(tosu):
    tosu.invited()
    wrong = "takasaki@takasaki.example.jp"
    holder = tosu.holder(Purpose.CONSENT)
    given = consenting.submit(tosu.consent, actor=holder, at=now(), answers=tosu.answers() | {"authority_email": wrong})
    paper = given.paper_id
    lost = bounce(mail_of("address_asked"))

    correct(tosu, lost)

    consent = tosu.consent
    assert (consent.authority_email, consent.address_confirmed_at, consent.paper_id) == (NEW, None, paper)
    assert living(Purpose.ADDRESS) == [NEW]
    addresses.confirm(consent, actor=holder_of(consent, Purpose.ADDRESS), at=now())
    assert consenting.accept(tosu.consent, actor=tosu.drafter, at=now(), differences_checked=True).accepted_at
    told = last("consent.address_corrected")
    assert wrong in told["before"]
    assert NEW in told["after"]


def test_the_authority_of_an_accepted_consent_is_put_right_and_asked(tosu):
    tosu.accepted()
    former = arrive(mail_of("consent_accepted"))

    correct(tosu, former)

    assert (tosu.consent.authority_email, tosu.consent.address_confirmed_at) == (NEW, None)
    assert mail_of("address_asked").to == NEW
    assert living(Purpose.STANDING) == []
    assert mail_of("authority_changed", to=former.to)


def test_a_signers_address_is_put_right_and_the_next_contract_asks_there(tosu):
    tosu.sent()
    lost = bounce(mail_of("signature_requested"))

    correct(tosu, lost)

    assert (tosu.step(1).email, tosu.consent.authority_email) == (NEW, NEW)
    assert mail_of("signature_requested").to == NEW
    assert living(Purpose.SIGN) == [NEW]
    tosu.sign_all()
    assert tosu.consent.address_confirmed_at is not None


def test_a_former_address_is_told_only_when_the_mail_may_have_reached_it(tosu):
    tosu.sent()
    former = mail_of("signature_requested")

    correct(tosu, bounce(former))
    assert not Delivery.unscoped.filter(template="contracts/signer_changed").exists()

    correct(tosu, arrive(mail_of("signature_requested")), email="keiyaku3@takasaki.example.jp")
    assert mail_of("signer_changed").to == NEW


def test_concluded_documents_go_to_another_address_and_the_signature_keeps_its_own(tosu):
    tosu.concluded()
    step = tosu.step(1)
    lost = bounce(mail_of("concluded", to=step.email))

    correct(tosu, lost)

    assert (tosu.step(1).email, tosu.step(1).receiver) == (step.email, NEW)
    assert mail_of("concluded", to=NEW)
    assert link_of(lost).revoked_at is not None
    correct(tosu, arrive(mail_of("concluded", to=NEW)), email=step.email, addresses_checked=True)
    assert (tosu.step(1).handed_email, tosu.step(1).receiver) == ("", step.email)
    with pytest.raises(MailRefused, match="運用管理者"):  # 市の職員の宛先
        correct(tosu, mail_of("concluded", to=tosu.signatory.email))


def test_the_invitation_to_hand_guarantees_in_is_sent_again_to_the_address_put_right(tosu):
    tosu.concluded()
    former = arrive(mail_of("guarantees/guarantee_invited"))

    correct(tosu, former)

    assert mail_of("guarantees/guarantee_invited").to == NEW
    assert living(Purpose.GUARANTEE) == [NEW]
    resend(tosu, mail_of("guarantees/guarantee_invited"))
    assert living(Purpose.GUARANTEE) == [NEW]


def test_an_address_is_not_put_right_without_a_reason_nor_for_the_same(tosu):
    tosu.invited()
    mail = mail_of("consent_invited")

    with pytest.raises(MailRefused, match="理由"):
        correct(tosu, mail, reason=" ")
    with pytest.raises(MailRefused, match="変わっていません"):
        correct(tosu, mail, email=mail.to)
    assert living(Purpose.CONSENT) == [mail.to]


def test_a_new_address_is_looked_at_before_anything_changes(tosu):
    tosu.invited()
    mail, firm = mail_of("consent_invited"), tosu.case.contractor

    with pytest.raises(AddressDoubtful):
        correct(tosu, mail, email="keiyaku@takasakl.example.jp")
    firm.refresh_from_db()
    assert (firm.email, link_of(mail).revoked_at) == (mail.to, None)

    correct(tosu, mail, email="keiyaku@takasakl.example.jp", addresses_checked=True)
    firm.refresh_from_db()
    assert firm.email == "keiyaku@takasakl.example.jp"


def test_a_signature_given_meanwhile_keeps_its_address(tosu):
    tosu.sent()
    mail = mail_of("signature_requested")
    signing.instruct(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=now(), authentication="メールのリンク")

    with pytest.raises(MailRefused):
        correct(tosu, mail)


def test_a_link_that_ran_out_is_no_obstacle_to_another(tosu):
    tosu.invited()
    mail = mail_of("consent_invited")
    later = now() + timedelta(days=20)
    assert not links.waits(link_of(mail), at=later)

    resending.resend(mail, actor=tosu.drafter, at=later)

    assert links.waits(link_of(mail_of("consent_invited")), at=later)
