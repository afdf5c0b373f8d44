"""The round trip of the authority's address: little is shown, one button answers, a scanner answers nothing."""

import pytest
from django.utils import timezone

from contracts.models import AccessLink, Consent, Purpose
from contracts.services.consents import consenting
from tests import factories
from tests.contracts.links.conftest import address_of, enter
from tests.stories import Story, written

pytestmark = pytest.mark.django_db
ELSEWHERE = "shiten@takasaki.example.jp"


def submitted(tosu: Story) -> Consent:
    tosu.invited()
    answers = tosu.answers() | {"authority_email": ELSEWHERE}
    return consenting.submit(tosu.consent, actor=tosu.holder(Purpose.CONSENT), at=timezone.now(), answers=answers)


def mailed(tosu: Story) -> Consent:
    firm = tosu.case.contractor
    return consenting.register_mailed(
        tosu.case,
        firm,
        actor=tosu.drafter,
        at=timezone.now(),
        answers=tosu.answers(consenting.prefilled(tosu.case, firm)),
        content=factories.pdf(),
    )


def test_the_mail_leads_by_its_landing_page_to_one_button(tosu, browser):
    landing = address_of(submitted(tosu), Purpose.ADDRESS)
    assert "間違いありません" in browser.get(landing).content.decode()

    page = enter(browser, landing)
    before = written()
    html = browser.get(page).content.decode()

    assert "このメールアドレスで間違いありません" in html
    assert ELSEWHERE in html
    assert written() == before
    assert browser.post(page).status_code == 302
    assert "宛先を確認しました" in browser.get(page).content.decode()
    assert tosu.consent.address_confirmed_at is not None


def test_a_stranger_at_a_mistyped_address_learns_no_more_than_who_is_meant(tosu, browser):
    page = enter(browser, address_of(submitted(tosu), Purpose.ADDRESS))

    html = browser.get(page).content.decode()

    for hidden in (tosu.consent.contact_phone, tosu.consent.contact_name, tosu.consent.address, "data:image"):
        assert hidden not in html
    link = AccessLink.unscoped.filter(purpose=Purpose.ADDRESS).latest("pk")
    for elsewhere in ("consent/", "standing/", "standing/copy/"):
        assert browser.post(f"/tosu/l/{link.pk}/{elsewhere}").status_code == 404


def test_answering_twice_changes_nothing(tosu, browser):
    page = enter(browser, address_of(submitted(tosu), Purpose.ADDRESS))
    browser.post(page)
    first = tosu.consent.address_confirmed_at

    assert browser.post(page).status_code == 302
    assert tosu.consent.address_confirmed_at == first


def test_whoever_mailed_the_form_is_shown_the_methods_and_agrees_before_the_answer_counts(tosu, browser):
    consent = mailed(tosu)
    page = enter(browser, address_of(consent, Purpose.ADDRESS))
    html = browser.get(page).content.decode()
    for line in consent.methods:
        assert line["text"] in html

    without = browser.post(page)

    assert without.status_code == 422
    assert "承諾の欄に印を付けて" in without.content.decode()
    assert browser.post(page, {"methods_agreed": "on"}).status_code == 302
    assert tosu.consent.methods_agreed_at is not None


def test_a_form_that_came_back_takes_its_question_with_it(tosu, browser):
    consent = submitted(tosu)
    landing = address_of(consent, Purpose.ADDRESS)
    page = enter(browser, landing)

    consenting.return_(consent, actor=tosu.drafter, at=timezone.now(), reason="宛先が違います")

    assert browser.get(landing).status_code == 404
    assert browser.get(page).status_code == 404
