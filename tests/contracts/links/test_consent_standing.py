"""Behind the mail of acceptance: the copy, the methods, the withdrawal, and another authority."""

import pytest
from django.utils import timezone

from contracts.models import Purpose
from contracts.services.cases import registering
from contracts.services.consents import addresses
from contracts.states import ConsentState, VersionState
from tests.contracts.links.conftest import address_of, enter, holder_of
from tests.stories import written

pytestmark = pytest.mark.django_db
ELSEWHERE = "shiten@takasaki.example.jp"


@pytest.fixture
def page(tosu, browser) -> str:
    tosu.accepted()
    return enter(browser, address_of(tosu.consent, Purpose.STANDING))


def test_the_standing_shows_the_form_what_was_agreed_to_and_hands_out_a_copy(tosu, browser, page):
    before = written()
    html = browser.get(page).content.decode()

    assert "承諾済" in html
    assert "data:image/webp;base64," in html
    for words in (tosu.consent.statement, *(line["text"] for line in tosu.consent.methods)):
        assert words in html
    assert written() == before
    assert browser.post(f"{page}copy/").content.startswith(b"%PDF-")


def test_a_withdrawal_needs_a_reason_and_the_tick(tosu, browser, page):
    for typed in ({}, {"reason": "紙にします"}, {"understood": "on"}):
        assert browser.post(page, typed).status_code == 422
    assert tosu.consent.state == ConsentState.ACCEPTED


def test_the_firm_withdraws_and_keeps_reading_its_copy(tosu, browser, page):
    assert browser.post(page, {"reason": "紙にします", "understood": "on"}).status_code == 302

    html = browser.get(page).content.decode()
    assert tosu.consent.state == ConsentState.WITHDRAWN
    assert "撤回されました" in html
    assert "紙にします" in html
    assert "承諾を撤回する" not in html


def test_a_request_for_signature_ends_with_the_withdrawal(tosu, browser):
    tosu.sent()
    page = enter(browser, address_of(tosu.consent, Purpose.STANDING))

    browser.post(page, {"reason": "紙にします", "understood": "on"})

    assert tosu.version.state == VersionState.RECALLED


def test_while_a_signature_is_being_made_the_page_says_to_try_again(tosu, browser):
    tosu.signed()
    page = enter(browser, address_of(tosu.consent, Purpose.STANDING))

    answer = browser.post(page, {"reason": "紙にします", "understood": "on"})

    assert answer.status_code == 422
    assert "署名の処理中" in answer.content.decode()
    assert "紙にします" in answer.content.decode()


def test_a_concluded_contract_offers_no_withdrawal_but_a_change_of_the_authority(tosu, browser):
    tosu.concluded()
    page = enter(browser, address_of(tosu.consent, Purpose.STANDING))

    html = browser.get(page).content.decode()

    assert "承諾を撤回する" not in html
    assert "契約締結権限者の変更を届け出る" in html
    refused = browser.post(page, {"reason": "紙にします", "understood": "on"})
    assert refused.status_code == 422
    assert "締結が済んでいる" in refused.content.decode()


def test_the_firm_names_another_authority_and_the_old_page_lives_until_the_new_address_answers(tosu, browser, page):
    form = f"{page}authority/"
    known = {name: getattr(tosu.consent, name) for name in addresses.AUTHORITY_FIELDS}
    assert 'name="authority_email"' in browser.get(form).content.decode()
    missing = browser.post(form, known | {"authority_email": ELSEWHERE})
    assert missing.status_code == 422

    changed = browser.post(form, known | {"authority_email": ELSEWHERE, "reason": "支店長の交代"})

    assert changed["Location"] == page
    assert "新しい宛先の確認を待っています" in browser.get(page).content.decode()
    addresses.confirm(tosu.consent, actor=holder_of(tosu.consent, Purpose.ADDRESS), at=timezone.now())
    assert browser.get(page).status_code == 404


def test_paper_closes_the_standing(tosu, browser, page):
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())

    assert browser.get(page).status_code == 404
