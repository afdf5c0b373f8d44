"""お知らせ on the pages: what became of each mail, and what staff do about it there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from contracts.models import Purpose, SigningStep
from contracts.services import links
from contracts.services.consents import consenting
from contracts.services.mails import awaiting
from contracts.services.signatures import downloading
from notifications.models import Delivery, DeliveryState
from tests import factories
from tests.contracts.mails.conftest import another_firm, arrive, bounce, link_of, mail_of
from tests.contracts.pages.conftest import desk, user_of
from tests.stories import story

__all__ = ["desk"]
pytestmark = pytest.mark.django_db
NEW = "keiyaku2@takasaki.example.jp"


@pytest.fixture
def clerk(tosu, desk) -> Client:
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def text(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_case_page_tells_what_became_of_each_mail(tosu, clerk):
    tosu.accepted()
    bounce(mail_of("consent_accepted"))
    arrive(mail_of("consent_receipt"))

    page = text(clerk, "case", tosu.case.pk)

    assert "不達" in page
    assert "宛先のメールアドレスがありません。" in page
    assert "未送信" in page
    assert "送信済" in page
    assert reverse("mail", args=[mail_of("consent_accepted").pk]) in page


def test_more_mails_than_fit_stand_on_a_page_of_their_own_with_no_question_for_each(
    tosu, clerk, django_assert_max_num_queries
):
    tosu.invited()
    copies = [
        Delivery(
            tenant=tosu.tenant,
            key=f"{number}",
            to=f"a{number}@takasaki.example.jp",
            template="contracts/consent_invited",
            thread=tosu.case.thread,
            created_at=timezone.now(),
            next_attempt_at=timezone.now(),
            message_id=f"<{number}@musubi.example.jp>",
        )
        for number in range(60)
    ]
    Delivery.unscoped.bulk_create(copies)

    assert reverse("case_mails", args=[tosu.case.pk]) in text(clerk, "case", tosu.case.pk)
    with django_assert_max_num_queries(24):
        page = text(clerk, "case_mails", tosu.case.pk)
    assert "a59@takasaki.example.jp" in page
    assert "a0@takasaki.example.jp" not in page
    assert "?after=" in page


def test_a_mail_shows_its_answers_and_its_words_and_never_its_link(tosu, clerk):
    tosu.invited()
    mail = mail_of("consent_invited")
    secret = mail.link_hash
    bounce(mail)

    page = text(clerk, "mail", mail.pk)

    assert "このメールは届いていません" in page
    assert "5.1.1" in page
    assert "電子契約利用承諾書のお願い" in page
    assert "ここに、宛先の方だけが使えるリンクが入ります" in page
    assert "/tosu/consent/" not in page
    assert secret not in page


def test_a_mail_of_another_city_is_not_found(tosu, desk):
    mail = tosu.invited() and mail_of("consent_invited")
    stranger = desk(factories.city("usuki"), *Role)

    for name in ("mail", "mail_correct"):
        assert stranger.get(reverse(name, args=[mail.pk])).status_code == 404
    for name in ("mail_resend", "mail_recall"):
        assert stranger.post(reverse(name, args=[mail.pk])).status_code == 404
    tenancy.set_tenant(tosu.tenant.pk)
    assert link_of(mail).revoked_at is None


def test_a_clerk_puts_a_wrong_address_right_on_the_page(tosu, clerk):
    tosu.invited()
    lost = bounce(mail_of("consent_invited"))
    address = reverse("mail_correct", args=[lost.pk])

    again = clerk.post(address, {"email": "keiyaku@takasakl.example.jp", "reason": "誤記"})
    assert again.status_code == 422
    assert "宛先を確かめました" in again.content.decode()
    assert "keiyaku@takasakl.example.jp" in again.content.decode()

    done = clerk.post(address, {"email": NEW, "reason": "誤記"}, follow=True)
    assert "宛先を直し" in done.content.decode()
    assert mail_of("consent_invited").to == NEW


def test_a_clerk_sends_a_mail_again_and_takes_it_back(tosu, clerk):
    tosu.invited()
    first = arrive(mail_of("consent_invited"))

    done = clerk.post(reverse("mail_resend", args=[first.pk]), follow=True)
    assert "送り直しました" in done.content.decode()
    second = mail_of("consent_invited")
    clerk.post(reverse("mail_recall", args=[second.pk]))

    second.refresh_from_db()
    assert second.state == DeliveryState.CANCELLED
    assert "リンクは使えなくなっています" in text(clerk, "mail", second.pk)


def test_a_lost_mail_is_sent_again_only_with_the_box_ticked(tosu, clerk):
    tosu.invited()
    lost = bounce(mail_of("consent_invited"))
    assert 'name="addresses_checked"' in text(clerk, "mail", lost.pk)

    clerk.post(reverse("mail_resend", args=[lost.pk]))
    assert mail_of("consent_invited").pk == lost.pk
    clerk.post(reverse("mail_resend", args=[lost.pk]), {"addresses_checked": "on"})
    assert mail_of("consent_invited").pk != lost.pk


def test_those_who_only_read_see_the_truth_and_no_buttons(tosu, desk):
    tosu.invited()
    auditor = desk(tosu.tenant, Role.AUDITOR)

    page = text(auditor, "mail", mail_of("consent_invited").pk)

    assert "未送信" in page
    assert "送り直す" not in page
    assert "取り戻す" not in page


def test_the_list_of_lost_mails_holds_what_nobody_has_sent_again(tosu, clerk):
    tosu.invited()
    lost = bounce(mail_of("consent_invited"))
    assert reverse("mail", args=[lost.pk]) in text(clerk, "mail_list")

    clerk.post(reverse("mail_resend", args=[lost.pk]), {"addresses_checked": "on"})

    clerk.get(reverse("home"))  # 「送り直しました」を見る
    assert lost.to not in text(clerk, "mail_list")
    assert "不達" in text(clerk, "mail_list", state="all")
    assert lost.to in text(clerk, "mail_list", state="waiting")


def test_a_lost_notice_without_a_link_is_shown_for_a_month(tosu):
    tosu.accepted()
    receipt = bounce(mail_of("consent_receipt"))
    shown = awaiting.lost(tosu.drafter, at=timezone.now())
    assert [mail.pk for mail in shown] == [receipt.pk]

    assert list(awaiting.lost(tosu.drafter, at=timezone.now() + timedelta(days=31))) == []


def test_who_has_not_downloaded_is_listed_until_they_have(tosu, clerk, django_assert_max_num_queries):
    tosu.concluded()
    step, document = tosu.step(1), tosu.version.documents.order_by("order").first()
    assert "あと14日" in text(clerk, "downloads")

    downloading.download(document, actor=tosu.drafter, at=timezone.now())
    assert tosu.case.title in text(clerk, "downloads")
    before = mail_of("concluded", to=step.email)
    clerk.post(reverse("download_resend", args=[step.pk]))
    fresh = link_of(mail_of("concluded", to=step.email))
    assert link_of(before).revoked_at is not None

    downloading.download(document, actor=links.holder(fresh, ip=None), at=timezone.now())
    assert tosu.step(1).downloaded_at is not None
    assert tosu.case.title not in text(clerk, "downloads")

    person = {"tenant": tosu.tenant, "version": step.version, "party": step.party, "contractor": step.contractor}
    more = [SigningStep(**person, order=number, name="髙﨑", email=f"a{number}@example.jp") for number in range(10, 40)]
    SigningStep.unscoped.bulk_create(more)
    with django_assert_max_num_queries(22):
        page = text(clerk, "downloads")
    assert "未ダウンロードの受注者（30件）" in page
    assert "リンクなし" in page


def test_the_page_that_sends_a_link_shows_what_is_doubtful_and_asks_to_look(tosu, clerk):
    another_firm(tosu, name="㈱佐藤組", email=tosu.case.contractor.email)
    page = text(clerk, "case", tosu.case.pk)
    assert "㈱佐藤組" in page
    assert 'name="addresses_checked"' in page

    clerk.post(reverse("case_invite", args=[tosu.case.pk]))
    assert not Delivery.unscoped.exists()
    clerk.post(reverse("case_invite", args=[tosu.case.pk]), {"addresses_checked": "on"})
    assert mail_of("consent_invited")


def test_the_firm_gets_a_receipt_for_its_consent_and_hears_what_follows(tosu):
    tosu.invited()
    given = {"authority_email": "takasaki@takasaki.example.jp"}
    consenting.submit(
        tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=timezone.now(), answers=tosu.answers() | given
    )

    receipt = mail_of("consent_receipt")

    assert receipt.to == tosu.case.contractor.email
    assert receipt.link_hash == ""
    assert receipt.context["asks_address"]
    assert receipt.context["authority_email"] == given["authority_email"]


def test_a_mail_about_no_case_is_shown_without_one(tosu, clerk):
    usual = story()
    mail = usual.invited() and mail_of("consent_invited")
    Delivery.unscoped.filter(pk=mail.pk).update(thread="city")

    assert "お知らせ" in text(clerk, "mail", mail.pk)


def test_a_mail_that_another_replaced_names_its_successor_and_offers_nothing(tosu, clerk):
    tosu.invited()
    first = arrive(mail_of("consent_invited"))
    clerk.post(reverse("mail_resend", args=[first.pk]))

    page = text(clerk, "mail", first.pk)

    assert reverse("mail", args=[mail_of("consent_invited").pk]) in page
    assert reverse("mail_resend", args=[first.pk]) not in page
