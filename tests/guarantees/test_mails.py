"""The mails about guarantees say where things stand and what comes next, and never carry a key."""

from datetime import date

import pytest
from django.utils import timezone

from guarantees import services
from notifications import mail
from notifications.models import Delivery
from tests.guarantees.conftest import KEY, NUMBER, checked, contracted, officer, submitted

pytestmark = pytest.mark.django_db
LINK = "https://musubi.example.jp/tosu/guarantee/c2VjcmV0LXRva2Vu/"


def written(template: str, *, link: str | None = None) -> mail.Words:
    delivery = Delivery.unscoped.get(template=f"guarantees/{template}")
    words = mail.words(tenant=delivery.tenant, template=delivery.template, context=delivery.context, link=link)
    assert KEY not in words.subject + words.text + words.html
    assert "\n\n\n" not in words.text
    return words


def test_the_invitation_of_tosu_carries_its_rules_and_the_page(case):
    words = written("guarantee_invited", link=LINK)

    for text in (words.text, words.html):
        for said in (
            "電子メール、画面から登録",
            "契約検査課",
            "建設課",
            "tosu-bu@example.jp",
            "STEP3",
            "e-Net保証",
            LINK,
        ):
            assert said in text
        assert "保証を登録する" in text


def test_the_invitation_of_usuki_says_what_to_bring_and_has_no_link(db):
    contracted("usuki", on=date(2025, 4, 1))

    words = written("guarantee_invited")

    for text in (words.text, words.html):
        for said in ("持参", "保証証書", "臼杵市公共工事請負契約約款(令和7年4月1日改正)", "特殊状況"):
            assert said in text
        assert "リンク" not in text
        assert "usuki-bu@example.jp" not in text


def test_the_department_is_pointed_to_the_page_and_the_contractor_gets_a_number(case):
    guarantee = submitted(case)

    assert "前払金保証" in written("guarantee_arrived", link=LINK).subject
    receipt = written("guarantee_receipt")
    assert guarantee.receipt in receipt.subject
    assert NUMBER in receipt.text


def test_a_decision_says_what_follows(case):
    guarantee = checked(submitted(case))
    services.accept(guarantee, actor=officer(case.tenant), at=timezone.now())

    words = written("guarantee_decided")

    assert words.subject.startswith("保証を受理しました")
    assert "寄託されたものとみなします" in words.text
    assert "理由" not in words.text


def test_a_rejection_carries_its_reason_safely(case):
    at = timezone.now()
    services.reject(submitted(case), actor=officer(case.tenant), at=at, reason="工事名 <A> & 金額の誤り\n二行目")

    words = written("guarantee_decided")

    assert words.subject.startswith("保証を受理できませんでした")
    assert "理由：工事名 <A> & 金額の誤り" in words.text
    assert "&lt;A&gt; &amp; 金額" in words.html
    assert "もう一度ご提出ください" in words.text
