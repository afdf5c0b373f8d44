"""The door behind a link that asks for a code: nothing of the contract before it, and every try counted."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contracts.dates import yen
from contracts.models import AccessLink, CodeProof, Purpose
from contracts.states import StepState
from tests.architecture.routes import LINKS, ours
from tests.contracts.coded import SECOND, asking_for, made, mailed, of, wrong
from tests.contracts.links.conftest import enter
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db: None) -> Story:
    return asking_for("access_code").sent()


def opened(told: Story, browser: Client) -> str:
    """Press 「確認する」 and follow to where the code is asked for."""
    page = enter(browser, told.address(Purpose.SIGN))
    asked = browser.get(page)
    assert (asked.status_code, asked["Location"]) == (302, f"{page}code/")
    return page


def tells_nothing(html: str, told: Story) -> bool:
    case, step = told.case, told.step(1)
    secrets = (case.title, case.number, yen(case.amount), case.contractor.name, step.name, step.email, "契約締結期限")
    return not [secret for secret in secrets if secret in html]


def test_neither_the_landing_page_nor_the_code_page_tells_what_it_is_about(told, browser):
    made(told)
    address = told.address(Purpose.SIGN)
    landing = browser.get(address).content.decode()

    page = opened(told, browser)
    asking = browser.get(f"{page}code/").content.decode()

    for html in (landing, asking):
        assert tells_nothing(html, told)
        assert "鳥栖市" in html
    assert "アクセスコード" in landing
    assert told.step(1).opened_at is None


OPEN = {"contractor_code", "contractor_code_send"}
BEHIND = [
    (name, method) for name, row in LINKS.items() if row.purpose == Purpose.SIGN for method in sorted(row.methods)
]


@pytest.mark.parametrize(("name", "method"), [each for each in BEHIND if each[0] not in OPEN])
def test_without_the_code_nothing_opens_behind_the_link(name, method, told, browser):
    made(told)
    page = opened(told, browser)
    ids = {"document_id": told.version.documents.first().pk, "page": 1}
    wanted = set(ours()[name].pattern.converters) - {"city", "link_id"}
    link = AccessLink.unscoped.get(purpose=Purpose.SIGN, revoked_at=None)
    address = reverse(name, kwargs={"city": "tosu", "link_id": link.pk} | {key: ids[key] for key in wanted})
    before = written()

    answer = getattr(browser, method)(address, {"reason": "金額"})

    assert (answer.status_code, answer["Location"]) == (302, f"{page}code/")
    assert written() == before


def test_the_code_opens_the_contract_however_it_is_typed(told, browser):
    code = made(told)
    page = opened(told, browser)

    answer = browser.post(f"{page}code/", {"code": f" {code[:4].lower()}－{code[4:]}　"})

    assert (answer.status_code, answer["Location"]) == (302, page)
    assert told.case.title in browser.get(page).content.decode()
    assert told.step(1).opened_at is not None
    assert browser.get(f"{page}code/")["Location"] == page


def test_two_browsers_with_one_link_each_need_the_code(told, browser):
    code = made(told)
    address = told.address(Purpose.SIGN)
    page = enter(browser, address)
    other = Client()
    assert enter(other, address) == page

    browser.post(f"{page}code/", {"code": code})

    assert browser.get(page).status_code == 200
    assert other.get(page)["Location"] == f"{page}code/"
    assert other.post(f"{page}finish/")["Location"] == f"{page}code/"
    assert told.step(1).state == StepState.REQUESTED


def test_a_wrong_code_is_counted_although_it_is_refused_and_five_lock_it(told, browser):
    code = made(told)
    page = opened(told, browser)

    for number in range(1, 5):
        asked = browser.post(f"{page}code/", {"code": wrong(code)}, follow=True).content.decode()
        assert "コードが違います" in asked
        assert f"あと{5 - number}回" in asked
        assert of(told).wrong_tries == number
    locked = browser.post(f"{page}code/", {"code": wrong(code)}, follow=True).content.decode()

    assert "このコードは使えなくなりました" in locked
    assert 'name="code"' not in locked
    assert browser.post(f"{page}code/", {"code": code}).status_code == 409
    assert of(told).is_locked


def test_what_cannot_be_a_code_is_said_without_counting(told, browser):
    made(told)
    page = opened(told, browser)
    before = written()

    for typed in ("", "123", "0O1I0O1I", "ＡＢＣ"):
        answer = browser.post(f"{page}code/", {"code": typed})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()

    assert written() == before
    assert of(told).wrong_tries == 0


def test_the_field_takes_a_paste_and_helps_the_browser(told, browser):
    made(told)
    page = opened(told, browser)

    field = re.search(r"<input[^>]*name=\"code\"[^>]*>", browser.get(f"{page}code/").content.decode())

    assert field is not None
    assert 'autocomplete="one-time-code"' in field[0]
    assert 'maxlength="40"' in field[0]


def test_before_staff_make_a_code_the_page_says_so(told, browser):
    page = opened(told, browser)

    html = browser.get(f"{page}code/").content.decode()

    assert "アクセスコードの準備ができていません" in html
    assert "0942-85-3500" in html
    assert 'name="code"' not in html


def test_signing_later_than_an_hour_asks_for_the_code_again(told, browser):
    code = made(told)
    page = opened(told, browser)
    browser.post(f"{page}code/", {"code": code})
    browser.post(f"{page}confirm/")
    CodeProof.unscoped.update(proved_at=timezone.now() - timedelta(minutes=61))

    for name in ("confirm", "finish", "decline"):
        assert browser.post(f"{page}{name}/", {"reason": "金額"})["Location"] == f"{page}code/"
    assert browser.get(page).status_code == 200
    assert "60分がたちました" in browser.get(f"{page}code/").content.decode()
    browser.post(f"{page}code/", {"code": code})
    browser.post(f"{page}finish/")

    step = told.step(1)
    assert step.state == StepState.INSTRUCTED
    assert step.authentication == "メールアドレスに届いた専用のリンク＋アクセスコード（電話 0942-00-0001で伝達）"
    assert "署名手続きを完了しました" in browser.get(page).content.decode()


def test_once_signed_a_browser_without_the_code_learns_nothing(told, browser):
    code = made(told)
    address = told.address(Purpose.SIGN)
    stranger = Client()
    page = enter(stranger, address)
    enter(browser, address)
    browser.post(f"{page}code/", {"code": code})
    browser.post(f"{page}finish/")

    seen = stranger.get(page, follow=True)

    assert seen.status_code == 404
    assert tells_nothing(seen.content.decode(), told)


def test_a_one_time_code_is_mailed_by_a_press_and_opens_the_contract():
    told, browser = asking_for("one_time_code").sent(contact_email=SECOND), Client()
    page = opened(told, browser)
    before = written()
    first = browser.get(f"{page}code/").content.decode()
    assert written() == before
    assert 'name="code"' not in first
    assert SECOND not in first

    sent = browser.post(f"{page}code/send/", follow=True).content.decode()
    assert "ワンタイムコードを送りました" in sent
    assert 'inputmode="numeric"' in sent
    browser.post(f"{page}code/", {"code": mailed(told)})

    assert told.case.title in browser.get(page).content.decode()
    browser.post(f"{page}finish/")
    assert told.step(1).authentication.endswith("＋ワンタイムコード（第二の宛先に送信）")


def test_a_signature_by_link_alone_meets_no_door(browser):
    told = asking_for("link").sent()
    page = enter(browser, told.address(Purpose.SIGN))

    assert browser.get(page).status_code == 200
    assert browser.get(f"{page}code/")["Location"] == page
    assert browser.post(f"{page}code/send/")["Location"] == f"{page}code/"


def test_where_one_time_codes_are_the_rule_the_consent_asks_for_a_second_address(browser):
    told = asking_for("one_time_code").invited()
    page = enter(browser, told.address(Purpose.CONSENT))
    typed = told.answers() | {"step": "preview", "methods_agreed": "on", "authority_declared": "on"}
    own = told.consent.authority_email

    assert "このアドレスへワンタイムコードをお送りします" in browser.get(page).content.decode()
    for address, said in (("", "入力してください"), (own.upper(), "契約締結権限者とは別のメールアドレス")):
        refused = browser.post(page, typed | {"contact_email": address})
        assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assert browser.post(page, typed | {"contact_email": SECOND}).status_code == 200
