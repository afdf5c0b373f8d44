"""Signing in a real browser: by keyboard alone, on a phone, enlarged fourfold, and without scripts."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from contracts.models import Purpose, ReadMark
from contracts.states import StepState
from tests.contracts.browsing import SITE, answering
from tests.contracts.browsing import chromium as chromium
from tests.contracts.links.conftest import enter
from tests.journeys.people import PHONE, reach
from tests.stories import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("signing")]
ENLARGED = {"width": 320, "height": 256}  # 1280 × 1024 の画面を 400 % に


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def look(chromium: Browser, browser: Client) -> Iterator:
    opened: list[Page] = []

    def page(address: str, **options) -> Page:
        context = chromium.new_context(locale="ja-JP", reduced_motion="reduce", **options)
        shown = context.new_page()
        shown.route("**/*", answering(browser))
        shown.goto(SITE + address)
        opened.append(shown)
        return shown

    yield page
    for shown in opened:
        shown.context.close()


@pytest.fixture
def address(tosu: Story, browser: Client) -> str:
    return enter(browser, tosu.sent().address(Purpose.SIGN))


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def is_seen(page: Page) -> bool:
    """Tell whether nothing lies over what has the focus (WCAG 2.4.11)."""
    return bool(
        page.evaluate(
            """() => {
              const box = document.activeElement.getClientRects()[0];
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return document.activeElement.contains(top) || top?.contains(document.activeElement);
            }"""
        )
    )


@pytest.mark.parametrize("viewport", [PHONE, ENLARGED], ids=["phone", "enlarged"])
def test_the_whole_signature_is_given_by_keyboard_alone_and_nothing_hides_the_focus(tosu, look, address, viewport):
    page = look(address, viewport=viewport)
    page.keyboard.press("Tab")
    for _ in range(60):
        page.keyboard.press("Tab")
        assert is_seen(page), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.innerText?.trim()") == "完了する":
            break
    assert fits(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="署名手続きを完了しますか")).to_be_visible()
    assert fits(page)
    reach(page, "署名手続きを完了する")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    assert fits(page)
    assert tosu.step(1).state == StepState.INSTRUCTED


def test_every_page_is_for_all_eyes_on_a_phone_and_at_a_desk(look, address):
    for viewport in (PHONE, {"width": 1280, "height": 900}):
        page = look(address, viewport=viewport)
        assert violations(page) == []
        page.goto(f"{SITE}{address}?as=words")
        assert violations(page) == []
        assert fits(page)
        page.goto(f"{SITE}{address}?zoom=200")
        assert violations(page) == []
        assert fits(page)
    page.get_by_role("button", name="完了する").click()
    expect(page.get_by_role("heading", name="署名手続きを完了しますか")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="署名手続きを完了する").click()
    expect(page.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    assert violations(page) == []
    assert fits(page)


def test_those_who_hear_the_page_are_told_the_digest_the_tabs_and_the_words_of_the_document(look, address):
    page = look(address, viewport=PHONE)

    expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - heading "契約の内容を確認してください" [level=1]
        - heading "契約の要点" [level=2]
        - term: 工期 こうき
        - tablist "文書":
          - tab "工事請負契約書 まだ" [selected]
          - tab "特記仕様書 まだ"
        - tabpanel "工事請負契約書 まだ":
          - region "工事請負契約書":
            - heading "工事請負契約書" [level=2]
            - list "表示のしかた"
            - group "1ページの文字"
        - region "内容を確認しましたか":
          - button "完了する"
        """
    )
    assert "工期" in page.get_by_role("group", name="1ページの文字").text_content()


def test_the_words_lie_over_the_picture_and_can_be_selected(look, address):
    page = look(address, viewport={"width": 1280, "height": 900})
    first = page.locator(".reader__letters text").first
    words, sheet = first.bounding_box(), page.locator(".reader__sheet").first.bounding_box()

    first.click(click_count=3)

    assert words["x"] >= sheet["x"]
    assert words["x"] + words["width"] <= sheet["x"] + sheet["width"]
    assert page.evaluate("getSelection().toString()").strip() == first.text_content().strip()


def test_arrows_walk_the_tabs_and_a_read_document_leads_to_the_next_and_stays_marked(tosu, look, address):
    page = look(address, viewport=PHONE)
    page.get_by_role("tab", name="工事請負契約書").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("tab", name="特記仕様書")).to_have_attribute("aria-selected", "true")

    page.goto(SITE + address)
    page.get_by_role("button", name="読みました。次の文書へ").click()

    expect(page.get_by_role("tab", name="特記仕様書 まだ")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="工事請負契約書 読みました")).to_be_visible()
    assert ReadMark.unscoped.filter(step=tosu.step(1)).count() == 1


def test_without_scripts_every_document_is_read_enlarged_and_signed(tosu, look, address):
    page = look(address, viewport=PHONE, java_script_enabled=False)
    page.get_by_role("link", name=re.compile("^特記仕様書")).click()
    page.get_by_role("link", name=re.compile("^1ページを ?大きく見る")).click()
    expect(page.get_by_role("group", name="拡大した紙面（左右にも動かせます）")).to_be_visible()
    page.get_by_role("link", name="文字で読む").click()
    expect(page.get_by_text("このページに文字の情報はありません").first).to_be_visible()
    page.get_by_role("button", name="完了する").click()
    expect(page.get_by_text("読んだしるしの付いていない文書があります")).to_be_visible()
    page.get_by_role("button", name="署名手続きを完了する").click()
    expect(page.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    assert tosu.step(1).state == StepState.INSTRUCTED
