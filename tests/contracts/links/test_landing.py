"""The way in: opening changes nothing, the dead look alike, the token stays out of everything that follows."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tenancy import acting_for
from audit.models import Event
from contracts.models import AccessLink, Purpose
from contracts.services import links
from contracts.services.signatures import signing
from contracts.states import StepState
from tests.contracts.links.conftest import enter
from tests.stories import Story, story, written

STAGES = {Purpose.CONSENT: "invited", Purpose.SIGN: "sent", Purpose.DOWNLOAD: "concluded", Purpose.GUARANTEE: "invited"}
pytestmark = pytest.mark.django_db


def at_stage(case: Story, purpose: Purpose) -> str:
    getattr(case, STAGES[purpose])()
    return case.address(purpose)


@pytest.mark.parametrize("purpose", STAGES)
def test_a_mail_scanner_that_opens_a_link_changes_no_row_and_the_person_still_gets_in(tosu, browser, purpose):
    address = at_stage(tosu, purpose)
    before = written()

    for agent in ("Mozilla/5.0 (SafeLinks)", "Barracuda", "Googlebot", "curl/8", "Mozilla/5.0 (iPhone)"):
        assert browser.head(address, headers={"user-agent": agent}).status_code == 200
        assert "確認する" in browser.get(address, headers={"user-agent": agent}).content.decode()

    assert written() == before
    assert browser.post(address).status_code == 302
    assert links.find(address.split("/")[-2], purpose=purpose).opened_at is not None


def test_the_landing_page_says_who_asks_for_what_until_when(tosu, browser):
    page = browser.get(at_stage(tosu, Purpose.SIGN)).content.decode()

    for words in (
        "鳥栖市",
        tosu.case.title,
        tosu.case.number,
        "契約締結期限",
        "令和",
        "リンクの有効期限",
        "開いただけでは",
    ):
        assert words in page


def test_every_way_a_link_can_be_dead_shows_the_same_page_without_the_case(tosu, browser):
    address = at_stage(tosu, Purpose.SIGN)
    token = address.split("/")[-2]
    AccessLink.unscoped.filter(token_hash=links.token_hash(token)).update(expires_at=timezone.now())
    elsewhere = story("usuki", number="臼工第9号", title="よその工事").address(Purpose.GUARANTEE)
    dead = {
        "wrong": "/tosu/sign/" + "A" * 43 + "/",
        "expired": address,
        "another purpose": f"/tosu/download/{token}/",
        "another city's": elsewhere.replace("/usuki/", "/tosu/"),
    }

    pages = {why: browser.get(path) for why, path in dead.items()} | {
        f"{why}, posted": browser.post(path) for why, path in dead.items()
    }

    for why, response in pages.items():
        assert response.status_code == 404, why
        assert "このリンクは使えません" in response.content.decode(), why
        assert "工事" not in response.content.decode(), why
    # 言葉の切替えは、開いた所（next）へ戻る
    own = rb'"X-CSRFToken": "\w+"|name="(csrfmiddlewaretoken|next)"\s+value="[^"]*"'
    assert len({re.sub(own, b"", response.content) for response in pages.values()}) == 1


def test_a_revoked_link_and_a_link_whose_work_is_done_are_dead(tosu, browser):
    first = at_stage(tosu, Purpose.SIGN)
    address = tosu.address(Purpose.SIGN)
    assert browser.get(first).status_code == 404  # 新しいリンクを出すと、古いほうは使えない
    assert browser.get(address).status_code == 200

    signing.instruct(tosu.step(1), actor=tosu.holder(Purpose.SIGN), at=timezone.now(), authentication="メールのリンク")

    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404


def test_a_submitted_consent_kills_its_mailed_link(tosu, browser):
    address = at_stage(tosu, Purpose.CONSENT)
    enter(browser, address)
    page = enter(browser, address)
    browser.post(page, tosu.answers() | {"methods_agreed": "on", "authority_declared": "on", "step": "submit"})

    assert browser.get(address).status_code == 404


def test_the_token_is_in_no_address_and_no_page_after_the_button(tosu, browser):
    address = at_stage(tosu, Purpose.SIGN)
    token = address.split("/")[-2]

    page = enter(browser, address)

    assert token not in page
    assert token not in browser.get(page).content.decode()
    assert not Event.objects.filter(data__contains=token).exists()


@pytest.mark.parametrize("purpose", [Purpose.CONSENT, Purpose.SIGN, Purpose.DOWNLOAD])
def test_pages_of_a_link_are_kept_out_of_caches_search_engines_and_referers(tosu, browser, purpose):
    address = at_stage(tosu, purpose)

    for response in (browser.get(address), browser.post(address), browser.get(enter(browser, address))):
        assert response["Referrer-Policy"] == "strict-origin"
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
    assert b'name="referrer"' not in browser.get(address).content  # 画面の側で緩めない


def test_a_post_without_the_csrf_token_opens_nothing(tosu):
    address = at_stage(tosu, Purpose.SIGN)
    forger = Client(enforce_csrf_checks=True)

    response = forger.post(address)

    assert response.status_code == 403
    assert tosu.step(1).opened_at is None
    assert tosu.step(1).state == StepState.REQUESTED


def test_pages_behind_a_link_need_the_browser_that_pressed_the_button(tosu, browser):
    page = enter(browser, at_stage(tosu, Purpose.SIGN))

    response = Client().get(page)

    assert response.status_code == 404
    assert tosu.case.title not in response.content.decode()


def test_two_links_in_one_browser_do_not_mix(tosu, browser):
    mine = enter(browser, at_stage(tosu, Purpose.SIGN))
    other = story(number="鳥工第二号", title="別の橋りょう工事")
    theirs = enter(browser, at_stage(other, Purpose.SIGN))
    my_document = tosu.version.documents.first()
    their_document = other.version.documents.first()

    assert tosu.case.title in browser.get(mine).content.decode()
    assert "別の橋りょう工事" in browser.get(theirs).content.decode()
    base = mine.removesuffix("sign/")
    assert browser.get(f"{base}documents/{my_document.pk}/pages/1.webp").status_code == 200
    assert browser.get(f"{base}documents/{their_document.pk}/pages/1.webp").status_code == 404
    assert browser.get(f"{mine}?document={their_document.pk}").status_code == 404
    for page in (f"{base}consent/", f"{base}download/"):
        assert browser.get(page).status_code == 404
    browser.post(f"{mine}finish/")
    assert (tosu.step(1).state, other.step(1).state) == (StepState.INSTRUCTED, StepState.REQUESTED)


def test_a_session_outlives_neither_the_link_nor_its_city(tosu, browser):
    page = enter(browser, at_stage(tosu, Purpose.SIGN))
    story("usuki")
    assert browser.get(page.replace("/tosu/", "/usuki/")).status_code == 404
    assert browser.get(page.replace("/tosu/", "/nowhere/")).status_code == 404

    with acting_for(tosu.tenant.pk):
        AccessLink.unscoped.filter(purpose=Purpose.SIGN).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert browser.get(page).status_code == 404


def test_every_browser_that_a_link_lets_in_stands_in_the_log(tosu, browser):
    address = at_stage(tosu, Purpose.SIGN)

    enter(browser, address)
    enter(Client(headers={"user-agent": "another browser"}), address)

    assert Event.objects.filter(action="link.opened", tenant_id=tosu.tenant.pk).count() == 2
    assert Event.objects.filter(action="step.opened", tenant_id=tosu.tenant.pk).count() == 1
