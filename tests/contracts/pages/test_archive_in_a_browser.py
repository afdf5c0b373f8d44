"""The archive's page in a real browser: for everyone's eyes, on a phone, and refined where scripts run."""

import mimetypes
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect, sync_playwright

from accounts.models import Department, Role
from contracts.models import ArchiveEntry
from contracts.services import savedviews
from tests import factories
from tests.contracts.archive.conftest import fill
from tests.journeys.people import ARGUMENTS, DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("archive")]
SITE = "http://musubi.test"
PHRASE = "/archive/?q=令和6年度 橋 500万円以上"
WRONG = "/archive/?q=橋&least_amount=x"
ASKED = ("/archive/", PHRASE, "/archive/?q=橋 むにゃむにゃ", WRONG, "/archive/views/")
LONG = "令和7年度社会資本整備総合交付金事業市道元町線外三路線に係る橋梁長寿命化修繕計画に基づく補修工事"
VENTURE = "特定建設工事共同企業体" + "佐賀県総合土木" * 12


@pytest.fixture
def rendered(db, desk) -> dict[str, HttpResponse]:
    """Render the pages that the browser will ask for, with their headers: no database is near it."""
    city = factories.city("tosu")
    Department.unscoped.bulk_create(Department(tenant=city, name=f"第{number}工事事務所") for number in range(20))
    client = desk(city, Role.DRAFTER)
    pages = {"/archive/?q=無": client.get("/archive/?q=無"), "/empty/": client.get("/archive/")}
    fill(city, seed=1)
    ArchiveEntry.unscoped.create(
        tenant=city, what=3, state=2, subject="test:long", concluded_date=date(2025, 3, 31), fiscal_year=2024,
        amount=123_456_789_012, kind="construction", kind_label="建設工事", number="令和7年度鳥建工第12345678号の12",
        title=LONG, party=VENTURE, title_key="橋", party_key="長", number_key="r7",
    )  # fmt: skip
    drafter = factories.staff(city, Role.DRAFTER)
    savedviews.save("q=橋", name="橋のすべて" * 10, is_shared=True, actor=drafter, at=timezone.now())
    pages |= {address: client.get(address) for address in ASKED}
    answer = pages[PHRASE].context
    followed = (answer["conditions"][0].href, answer["heads"]["amount"].href, answer["groups"][0].parts[0].href)
    return pages | {unquote_plus(address): client.get(address) for address in followed}


@pytest.fixture
def browser(rendered) -> Iterator[Page]:
    def answer(route: Route) -> None:
        at = urlsplit(route.request.url)
        if at.path.startswith("/static/"):
            file = Path(str(finders.find(at.path.removeprefix("/static/"))))
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            route.fulfill(body=file.read_bytes(), content_type=kind)
            return
        # 空の欄は、本物の画面では取り除いたアドレスへ移る
        asked = "&".join(part for part in at.query.split("&") if not part.endswith("="))
        response = rendered[unquote_plus(f"{at.path}?{asked}".removesuffix("?"))]
        route.fulfill(status=response.status_code, body=response.content, headers=dict(response.headers))

    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = chromium.new_page(viewport=DESK, locale="ja-JP")
        page.route("**/*", answer)
        yield page
        chromium.close()


def test_every_state_of_the_page_is_for_all_eyes_and_fits_a_phone(browser):
    axe = Axe()
    for address in ("/empty/", "/archive/?q=無", *ASKED):
        browser.goto(SITE + address)
        wrong = [(each["id"], each["nodes"][0]["target"]) for each in axe.run(browser).response["violations"]]
        browser.set_viewport_size(PHONE)
        over = browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        browser.set_viewport_size(DESK)

        assert (address, over, wrong) == (address, 0, [])


def test_with_scripts_only_the_answers_change_and_are_told(browser):
    refused: list[str] = []
    browser.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    browser.goto(f"{SITE}/archive/")
    browser.evaluate("window.same = true")

    browser.get_by_label("探す言葉").fill("令和6年度 橋 500万円以上")
    browser.get_by_role("button", name="探す", exact=True).click()
    expect(browser.locator(".chip").first).to_be_visible()
    expect(browser.locator("#status")).to_contain_text("件")
    assert "q=令和6年度 橋 500万円以上" in unquote_plus(browser.url)

    browser.get_by_role("link", name="年度 令和6年度 を外す").click()
    expect(browser.get_by_role("link", name="年度 令和6年度 を外す")).to_have_count(0)
    expect(browser.locator("#told")).to_be_focused()
    assert browser.evaluate("window.same")
    assert refused == []


def test_a_condition_that_cannot_be_read_is_said_without_leaving_the_page(browser):
    browser.goto(f"{SITE}/archive/?q=橋 むにゃむにゃ")
    browser.evaluate("window.same = true")

    browser.get_by_label("探す言葉").fill("橋")
    browser.get_by_text("条件を細かく指定する").click()
    browser.get_by_label("金額（以上）").fill("x")
    browser.get_by_role("button", name="この条件で探す").click()

    expect(browser.get_by_text("探せませんでした")).to_be_visible()
    expect(browser.get_by_label("金額（以上）")).to_have_value("x")
    assert browser.evaluate("window.same")
