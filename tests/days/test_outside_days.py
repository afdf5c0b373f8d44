"""A short true day of those who come by a mailed link, and of a guarantor, at a desk and on a phone."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from contracts.models import Purpose
from contracts.states import ConsentState, StepState
from guarantees.models.issuing import IssuedCertificate
from guarantees.states import IssueState
from tests.contracts.browsing import chromium as chromium
from tests.days.sitting import go
from tests.days.sitting import seat as seat
from tests.guarantees.conftest import KEY, NUMBER, came, contracted, entered
from tests.guarantees.issuing.conftest import Books
from tests.guarantees.issuing.conftest import books as books
from tests.guarantees.issuing.conftest import own_keys as own_keys
from tests.journeys.people import fill, press
from tests.race import stage
from tests.stories import CONTACT, Story, story

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("days")]


@pytest.fixture
def tosu() -> Story:
    return story()


def test_a_contractor_reads_the_form_of_consent_and_hands_it_in(tosu, seat):
    with stage.ready_made():
        page = seat.before(Client(), tosu.invited().address(Purpose.CONSENT))
        expect(page.get_by_text(tosu.case.title).first).to_be_visible()
        press(page, "確認する")
        fill(page, **CONTACT)
        page.locator("[name=methods_agreed]").check()
        page.locator("[name=authority_declared]").check()
        press(page, "書面を確かめる")
        expect(page.get_by_role("heading", name="この書面で提出します")).to_be_visible()
        press(page, "承諾書を提出する")
        expect(page.get_by_role("heading", name="承諾書を提出しました")).to_be_visible()

    assert (tosu.consent.state, tosu.consent.contact_name) == (ConsentState.SUBMITTED, CONTACT["contact_name"])


def test_a_contractor_reads_every_document_and_signs(tosu, seat):
    with stage.ready_made():
        tosu.sent()
    page = seat.before(Client(), tosu.address(Purpose.SIGN))
    press(page, "確認する")
    press(page, "読みました。次の文書へ")
    press(page, "読みました")
    press(page, "完了する")
    expect(page.get_by_text("読んだしるしの付いていない文書があります")).to_have_count(0)
    press(page, "署名手続きを完了する")

    expect(page.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    assert tosu.step(1).state == StepState.INSTRUCTED


def test_a_contractor_registers_the_number_and_the_key_of_a_guarantee(seat):
    client, address = entered(contracted())
    page = seat.before(client, address)
    page.get_by_text("PDF がないとき、読み取れないとき：入力して登録する").click()
    page.get_by_role("radio", name="前払金保証", exact=True).check()
    fill(page, institution="西日本建設業保証", number=NUMBER, key=KEY)
    press(page, "保証を登録する")

    expect(page.locator("#registered td .mono").first).to_have_text(NUMBER)
    expect(page.get_by_text(KEY)).to_have_count(0)
    assert came().get().number == NUMBER


def test_a_guarantor_underwrites_an_application_and_sees_the_certificate_stand(books: Books, seat):
    books.applied()
    page = seat.staff(books.user)
    go(page, "/issuing/")
    page.get_by_role("row").filter(has_text="市道〇〇線道路改良工事").get_by_role("link").first.click()
    press(page, "引き受けて証書を発行する")
    expect(page.get_by_text("引き受けました").first).to_be_visible()
    expect(page.get_by_text("作成中").first).to_be_visible()
    assert books.seal()
    page.reload()

    expect(page.get_by_text("有効", exact=True).first).to_be_visible()
    assert IssuedCertificate.unscoped.get().state == IssueState.CURRENT
