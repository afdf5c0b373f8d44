"""A Chromium whose pages the tests answer themselves, in the thread and over the connection of the test."""

import base64
import mimetypes
import shutil
from collections.abc import Callable, Iterator
from contextvars import copy_context
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.journeys.people import ARGUMENTS, DESK, PHONE

SITE, FORM = "http://testserver", "application/x-www-form-urlencoded"
# 絵そのものは test_signing_pages が見る。ここでは、画面が動くかだけ
PICTURE = base64.b64decode("UklGRh4AAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA=")
SIZES = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True}}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # ブラウザーの合図を待つ間も、同じ糸でデータベースに尋ねる
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        # 待つ間の接続は別のもので、ここを出ると閉じる人がいない
        connections.close_all()


def answering(client: Client) -> Callable[[Route], None]:
    """Answer a browser with the site itself, as whoever the client is, over the connection of the test."""
    here = copy_context()

    def answer(route: Route) -> None:
        at, asked = urlsplit(route.request.url), route.request
        if at.path.startswith("/static/"):
            _hand(route, at.path.removeprefix("/static/"))
            return
        if at.path.endswith((".webp", ".png")):
            route.fulfill(body=PICTURE, content_type="image/webp")
            return
        ask, typed = (client.post, [asked.post_data or "", FORM]) if asked.method == "POST" else (client.get, [])
        headers = {name: value for name, value in asked.headers.items() if name.startswith("hx-")}
        said = headers | {"accept": asked.headers.get("accept", "*/*")}
        # htmx の問いは、転送の先の答えを待っている
        got = here.run(ask, f"{at.path}?{at.query}", *typed, headers=said, follow=bool(headers))
        if got.status_code == HTTPStatus.FOUND:
            # 差し替えた答えの転送は、ここを通らない。頁に移らせる
            got = HttpResponse(f'<meta http-equiv="refresh" content="0; url={got["Location"]}">')
        route.fulfill(status=got.status_code, body=got.content, headers=dict(got.headers))

    return answer


def _hand(route: Route, name: str) -> None:
    found = finders.find(name)
    if found is None:
        route.fulfill(status=HTTPStatus.NOT_FOUND)
        return
    route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(name)[0] or "text/plain")


def is_for_all_eyes(page: Page) -> None:
    """Hold the page to axe's rules and to the width of its window."""
    wrong = [(each["id"], each["nodes"][0]["target"]) for each in Axe().run(page).response["violations"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (page.url, wrong, over) == (page.url, [], 0)
