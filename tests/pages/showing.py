"""Rendered pages in a real Chromium: no server and no database is near it, and what it asks for is counted."""

import gzip
import mimetypes
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from playwright.sync_api import BrowserContext, BrowserType, Route, sync_playwright
from playwright.sync_api import Page as Tab

from tests.journeys.people import ARGUMENTS, DESK
from tests.pages.rendering import STATIC, Page

SITE = "http://musubi.test"
# 書体と PDF、PDF の頁の絵は、最初の表示の大きさに数えない
APART = ("font/", "application/pdf", "image/webp", "image/png", "image/jpeg")
# 既定では動かない target-size（WCAG 2.2）も。実験中の規則と AAA は外す
RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations", "incomplete"],
}
# ブラウザーの設定で、文字の大きさを 16px から 32px に
TWICE = "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"
# まだどこにも保存していない書面は、頁の絵を画面の中に持つ
PICTURE = re.compile(rb"data:image/webp;base64,[^\"]+")
# 開いたままの画面が自分で取り直すものを、待たずにすべて取り直す
RENEW = """async () => {
  for (const each of document.querySelectorAll("[hx-trigger^=every], [hx-trigger=load]")) {
    await htmx.ajax("GET", each.getAttribute("hx-get"), {source: each});
  }
}"""
SHIFTED = """() => new Promise((told) => {
  const seen = [];
  new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
  document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => told(
    seen.map((each) => [each.value, each.sources.map((source) => source.node?.outerHTML?.slice(0, 80) ?? "")]))
  )));
})"""


@dataclass
class Screen:
    """One window: what is shown in it, what it fetched, and what its console said."""

    tab: Tab
    shown: Page | None = None
    fetched: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def show(self, page: Page) -> None:
        # 前の画面の頼んだものが、次の画面の頼んだものに数えられないように
        self.tab.goto("about:blank")
        self.shown, self.fetched, self.said = page, {}, []
        self.tab.goto(SITE + page.address)

    def answer(self, route: Route) -> None:
        assert self.shown is not None
        at = urlsplit(route.request.url)
        address = at.path + (f"?{at.query}" if at.query else "")
        if at.path.startswith(STATIC) and (found := static(at.path)):
            self._fulfill(route, *found)
        elif "hx-request" in route.request.headers and at.path in self.shown.parts:
            status, headers, body = self.shown.parts[at.path]
            self._fulfill(route, "text/html", body, status=status, headers=headers)
        elif held := self.shown.file(address):
            self._fulfill(route, *held)
        elif route.request.is_navigation_request() and address == self.shown.address:
            self._fulfill(route, "text/html", self.shown.body, status=self.shown.status, headers=self.shown.headers)
        else:
            # 普段は取り直すところを描いておかない。ほかのものは、どの形でもそろっている
            self.said += [] if "hx-request" in route.request.headers else [f"asked in vain for {address}"]
            route.abort()

    def _fulfill(self, route: Route, kind: str, body: bytes, **answer: Any) -> None:
        self.fetched[route.request.url] = weight(kind, body)
        answer = {"headers": {"Content-Type": kind}} | answer
        route.fulfill(body=body, **answer)

    def look(self) -> dict[str, Any]:
        """Return what axe sees on the page, as axe tells it."""
        return dict(self.tab.evaluate("(rules) => axe.run(rules)", RULES))

    def shifts(self) -> list[Any]:
        """Return the layout shifts since the page began to load, through whatever it fetches by itself."""
        self.tab.evaluate(RENEW)
        return list(self.tab.evaluate(SHIFTED))


def static(path: str) -> tuple[str, bytes] | None:
    found = finders.find(path.removeprefix(STATIC))
    if found is None:
        return None
    file = Path(str(found))
    return mimetypes.guess_type(file.name)[0] or "text/plain", file.read_bytes()


def weight(kind: str, body: bytes) -> int:
    """Return the bytes that travel in the first view, compressed where a server compresses; 0 for what is apart."""
    if kind.startswith(APART):
        return 0
    body = PICTURE.sub(b"", body)
    return len(body) if kind.startswith("image/") and "svg" not in kind else len(gzip.compress(body))


@contextmanager
def screen(**options: Any) -> Iterator[Screen]:
    """Open one Chromium with one window."""
    with sync_playwright() as playwright, _window(playwright.chromium, *ARGUMENTS, **options) as opened:
        yield opened


@contextmanager
def enlarged(beside: Screen) -> Iterator[Screen]:
    """Open a second Chromium, whose reader has set all words to twice their size."""
    browser = beside.tab.context.browser
    assert browser is not None
    with _window(browser.browser_type, *ARGUMENTS, TWICE) as opened:
        yield opened


@contextmanager
def _window(kind: BrowserType, *arguments: str, **options: Any) -> Iterator[Screen]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    chromium = kind.launch(executable_path=path, args=arguments)
    yield window(chromium.new_context(**({"viewport": DESK, "locale": "ja-JP"} | options)))
    chromium.close()


def window(context: BrowserContext) -> Screen:
    """Open a window in which axe is at hand on every page."""
    context.add_init_script(AXE_SCRIPT)
    made = Screen(context.new_page())
    made.tab.on("console", lambda told: made.said.append(told.text) if "Content Security" in told.text else None)
    made.tab.on("pageerror", lambda error: made.said.append(str(error)))
    context.route("**/*", made.answer)
    return made
