"""取り戻し: until somebody opens it, a mail can be taken back, and nobody else hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from contracts.services import links
from contracts.services.mails import recalling, resending
from contracts.services.mails.ways import MailRefused
from contracts.states import ConsentState
from notifications.models import Delivery, DeliveryState
from tests.contracts.mails.conftest import arrive, link_of, mail_of
from vault import fields

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def recall(told, mail: Delivery) -> None:
    recalling.recall(mail, actor=told.drafter, at=now())


def test_a_mail_that_waits_is_stopped_and_its_link_is_dead(tosu):
    tosu.invited()
    mail, mails = mail_of("consent_invited"), Delivery.unscoped.count()

    recall(tosu, mail)

    mail.refresh_from_db()
    assert (mail.state, mail.sealed_link) == (DeliveryState.CANCELLED, None)
    assert not links.waits(link_of(mail), at=now())
    assert tosu.consent.state == ConsentState.INVITED
    assert Delivery.unscoped.count() == mails
    assert Event.objects.filter(action="mail.recalled", thread=tosu.case.thread).count() == 1


def test_the_reader_of_a_mail_that_was_taken_back_finds_a_dead_link(tosu, browser):
    tosu.invited()
    mail = mail_of("consent_invited")
    address = fields.unseal(mail.sealed_link, tenant_id=tosu.tenant.pk, context=mail.link_context)
    assert browser.get(address).status_code == 200

    recall(tosu, arrive(mail))

    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404


def test_what_was_opened_is_not_taken_back(tosu):
    tosu.invited()
    mail = mail_of("consent_invited")
    link = link_of(mail)
    links.open_(link, actor=links.holder(link, ip=None), at=now())

    with pytest.raises(MailRefused, match="すでに開かれて"):
        recall(tosu, mail)
    assert links.waits(link_of(mail), at=now())


def test_a_link_that_is_dead_or_has_run_out_is_not_taken_back(tosu):
    tosu.invited()
    mail = mail_of("consent_invited")

    with pytest.raises(MailRefused, match="すでに使えなく"):
        recalling.recall(mail, actor=tosu.drafter, at=now() + timedelta(days=30))
    recall(tosu, mail)
    with pytest.raises(MailRefused, match="すでに使えなく"):
        recall(tosu, mail)


def test_what_was_taken_back_is_sent_again_without_telling_the_one_who_never_opened_it(tosu):
    tosu.sent()
    mail = arrive(mail_of("signature_requested"))
    recall(tosu, mail)

    resending.correct(
        mail, actor=tosu.drafter, at=now(), email="keiyaku2@takasaki.example.jp", reason="宛先を間違えたため"
    )

    assert mail_of("signature_requested").to == "keiyaku2@takasaki.example.jp"
    assert not Delivery.unscoped.filter(template="contracts/signer_changed").exists()
