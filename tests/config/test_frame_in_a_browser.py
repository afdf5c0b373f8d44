"""The frame of every page in a real browser: its menu without scripts, its type when it comes late, its components."""

import mimetypes
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Route, expect, sync_playwright

from accounts.models import Role
from tests import factories
from tests.journeys.people import ARGUMENTS, DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("frame")]
SITE = "http://musubi.test"
LATE = 0.3  # 秒。書体が、頁が描かれた後に届くだけの間
MOVED = """
window.moved = [];
new PerformanceObserver((list) => window.moved.push(...list.getEntries().map((each) => each.value)))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def rendered(django_db_setup, django_db_blocker) -> dict[str, HttpResponse]:
    """Render the pages that the browser will ask for, before there is a browser: no database is near it."""
    client = Client()
    with django_db_blocker.unblock(), transaction.atomic():
        client.force_login(factories.member(factories.city("tosu"), Role.ADMINISTRATOR, Role.DRAFTER))
        pages = {address: client.get(address) for address in (reverse("log"), "/gallery/")}
        transaction.set_rollback(True)
    return pages


@pytest.fixture(scope="module")
def chromium(rendered) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, rendered) -> Iterator:
    """Open pages as browsers of several kinds."""
    contexts: list[BrowserContext] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if not path.startswith("/static/"):
            route.fulfill(body=rendered[path].content, content_type="text/html; charset=utf-8")
            return
        found = finders.find(path.removeprefix("/static/"))
        assert found, f"{path}: scripts/bootstrap makes what is not in the repository"
        if path.endswith(".woff2"):
            time.sleep(LATE)
        kind = mimetypes.guess_type(path)[0] or "text/plain"
        route.fulfill(body=Path(found).read_bytes(), content_type=kind)

    def open_(address: str, **kind):
        context = chromium.new_context(locale="ja-JP", **kind)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(MOVED)
        page.route("**/*", answer)
        page.goto(SITE + address, wait_until="networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_on_a_phone_without_scripts_the_menu_opens_to_every_page(opened):
    page = opened(reverse("log"), viewport=PHONE, java_script_enabled=False)
    menu = page.get_by_role("navigation", name="主なメニュー")

    expect(menu.get_by_text("メニュー：操作ログ")).to_be_visible()
    expect(menu.get_by_role("link")).to_have_count(0)

    menu.get_by_text("メニュー：操作ログ").click()
    expect(menu.get_by_role("link", name="案件")).to_be_visible()
    menu.get_by_text("名簿と設定").click()
    expect(menu.get_by_role("link", name="設定", exact=True)).to_be_visible()
    assert all(link.bounding_box()["height"] >= 44 for link in menu.get_by_role("link").all())


def test_on_a_desk_the_pages_of_every_day_stand_open_and_the_others_open_one_at_a_time(opened):
    page = opened(reverse("log"), viewport=DESK, java_script_enabled=False)
    menu = page.get_by_role("navigation", name="主なメニュー")

    expect(menu.get_by_role("link", name="案件")).to_be_visible()
    menu.get_by_text("記録：操作ログ").click()
    expect(menu.get_by_role("link", name="操作ログ")).to_have_attribute("aria-current", "page")
    menu.get_by_text("名簿と設定").click()
    expect(menu.get_by_role("link", name="操作ログ")).to_have_count(0)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_moves_when_the_type_comes_late(opened, viewport):
    page = opened(reverse("log"), viewport=viewport)

    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].filter((face) => face.status == 'loaded').length") >= 3
    assert page.evaluate("window.moved") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_components_are_for_all_eyes_in_both_schemes_and_fit_a_phone(opened, scheme):
    page = opened("/gallery/", viewport=DESK, color_scheme=scheme)

    wrong = [(each["id"], each["nodes"][0]["target"]) for each in Axe().run(page).response["violations"]]
    page.set_viewport_size(PHONE)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert (over, wrong) == (0, [])
