"""A drafter's morning in a real browser, at a desk and on a phone: from the first page to a kept list of cases."""

import mimetypes
import re
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from contracts.models import Case
from tests import factories
from tests.contracts.browsing import chromium as chromium
from tests.contracts.pages.conftest import user_of
from tests.journeys.people import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("staff_day")]
SITE = "http://musubi.test"
LONG = "令和8年度社会資本整備総合交付金事業市道元町線外三路線に係る橋梁長寿命化修繕計画に基づく補修工事（第3工区）"


def read(file: Any) -> bytes:
    return Path(file).read_bytes() if file else b""


def answering(client: Client) -> Callable[[Route], None]:
    """Answer a browser with the site itself, as somebody who has signed in, over the connection of the test."""
    here = copy_context()

    def answer(route: Route) -> None:
        at = urlsplit(route.request.url)
        if at.path.startswith("/static/"):
            file = finders.find(at.path.removeprefix("/static/"))
            kind = mimetypes.guess_type(at.path)[0] or "text/plain"
            route.fulfill(status=HTTPStatus.OK if file else HTTPStatus.NOT_FOUND, body=read(file), content_type=kind)
            return
        address, typed = f"{at.path}?{at.query}", route.request.post_data or ""
        form = "application/x-www-form-urlencoded"
        is_get = route.request.method == "GET"
        asked = here.run(client.get, address) if is_get else here.run(client.post, address, typed, form)
        if asked.status_code == HTTPStatus.FOUND:
            # 差し替えた答えの転送は、ここを通らない。頁に移らせる
            asked = HttpResponse(f'<meta http-equiv="refresh" content="0; url={asked["Location"]}">')
        route.fulfill(status=asked.status_code, body=asked.content, headers=dict(asked.headers))

    return answer


def due_in(case: Case, days: int) -> None:
    Case.unscoped.filter(pk=case.pk).update(conclusion_deadline_date=timezone.localdate() + timedelta(days=days))


@pytest.fixture
def morning(tosu, desk) -> Client:
    """Let more wait than one part shows, under names long and short."""
    due_in(tosu.case, -1)
    for _ in range(6):
        due_in(factories.case(tosu.tenant, by=tosu.drafter), 0)
    due_in(factories.case(tosu.tenant, by=tosu.drafter, title=LONG, amount=123_456_789_000), 5)
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def is_for_all_eyes(page: Page) -> None:
    wrong = [(each["id"], each["nodes"][0]["target"]) for each in Axe().run(page).response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (page.url, wrong, over) == (page.url, [], 0)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_drafter_goes_from_the_first_page_to_a_kept_list_of_cases(chromium, morning, size):
    page = chromium.new_page(viewport=size, locale="ja-JP")
    page.route("**/*", answering(morning))

    page.goto(f"{SITE}/")
    expect(page.get_by_text("あなたの番の仕事が9件あります。")).to_be_visible()
    is_for_all_eyes(page)
    page.get_by_role("link", name="今日まで 6件").click()
    page.get_by_role("link", name="「今日まで」の残り1件も受信箱で見る").click()
    expect(page.get_by_role("heading", name="受信箱")).to_be_visible()
    expect(page.get_by_role("link", name="承諾書の提出を依頼する")).to_have_count(6)

    page.goto(f"{SITE}/")
    page.get_by_role("link", name="ボードで見る").click()
    asking = page.get_by_role("region", name="承諾書")
    expect(asking.get_by_role("listitem")).to_have_count(8)
    is_for_all_eyes(page)
    asking.get_by_role("link", name=re.compile("一覧で見る")).click()
    expect(page.get_by_label("段階")).to_have_value("asking")
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("一覧")
    narrowed = page.url

    page.get_by_text("この条件を保存する").click()
    page.get_by_label("名前").fill("毎朝の承諾書")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("「毎朝の承諾書」として条件を保存しました。")).to_be_visible()
    assert unquote_plus(page.url) == unquote_plus(narrowed)
    is_for_all_eyes(page)

    page.get_by_role("link", name="条件を消す").click()
    page.get_by_role("link", name="毎朝の承諾書").click()
    expect(page).to_have_url(re.compile("state=asking"))
    page.get_by_role("link", name="保存した条件").first.click()
    is_for_all_eyes(page)
    page.get_by_role("link", name="毎朝の承諾書").click()
    page.get_by_role("link", name=LONG).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LONG)
    page.close()
