"""The people of the story, each with a browser of their own, and an eye that watches every page they see."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from config.demo.mailbox import Mailbox
from config.embedded.stack import Stack

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# 山あいの現場の電話: 往復 0.4 秒、下り 400 kbit/s、上り 160 kbit/s、遅い石
SLOW_LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
SLOWER = 4
PATIENCE = 60_000  # ミリ秒。worker が署名し終えるまで

EXPECTED = re.compile(r"status of (409|410|422) |htmx:(afterRequest|sendError)")
LEFT = "net::ERR_ABORTED"  # 頁を離れて打ち切られた
Look = Callable[[Page, str], None]


@dataclass
class Town:
    """Everyone's browsers, the mailbox they share, and what went wrong on their pages."""

    stack: Stack
    chromium: Browser
    look: Look
    mailbox: Mailbox = field(init=False)
    accounts: dict[str, dict[str, Any]] = field(init=False)
    complaints: list[str] = field(default_factory=list)
    desks: dict[str, Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mailbox = Mailbox(self.stack.mailbox)
        rows = json.loads((self.stack.root / "demo/accounts.json").read_text())
        self.accounts = {row["email"]: row for row in rows}

    def open(self, address: str, page: Page, name: str) -> Page:
        """Open an address and look at it."""
        page.goto(address if address.startswith("http") else self.stack.base_url + address)
        self.look(page, name)
        return page

    def phone(self, *, javascript: bool = True) -> Page:
        """Take a phone out of the pocket."""
        return self._page(
            self.chromium.new_context(
                viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=javascript, locale="ja-JP"
            )
        )

    def desk(self, mailbox: str, place: str = "tosu") -> Page:
        """Sit down at someone's desk, signed in with password and, where they have it, the code."""
        if mailbox not in self.desks:
            page = self._page(self.chromium.new_context(viewport=DESK, locale="ja-JP"))
            account = self.accounts[f"{mailbox}@{place}.example.jp"]
            self.open("/accounts/login/", page, "login")
            page.locator("[name=login]").fill(account["email"])
            page.locator("[name=password]").fill(account["password"])
            press(page, "サインイン")
            if account["totp_secret"]:
                self.look(page, "second_factor")
                code = format_hotp_value(hotp_value(account["totp_secret"], int(time.time()) // 30))
                page.locator("[name=code]").fill(code)
                press(page, "サインイン")
            page.get_by_text(account["name"]).first.wait_for()
            self.desks[mailbox] = page
        return self.desks[mailbox]

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._hear)
        page.on("requestfailed", self._fail)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # 期限切れの画面は 410、直すところのある用紙は 422、先を越された用紙は 409 で答える。
        # ブラウザはそれも誤りとして書く。htmx は、答えを待たずに頁を離れたことも誤りとして書く。
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def _fail(self, request: Request) -> None:
        if request.failure != LEFT:
            self.complaints.append(f"{request.url}: {request.failure}")


@contextmanager
def town(stack: Stack, *, look: Look) -> Iterator[Town]:
    """Give everyone a Chromium, the one that Debian ships."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield Town(stack, chromium, look)
        chromium.close()


def slow(page: Page) -> Page:
    """Put a page on the line and the processor of a phone on a building site in the hills."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def press(page: Page, label: str) -> None:
    """Press the button that says exactly this."""
    page.get_by_role("button", name=label, exact=True).click()


def fill(page: Page, **typed: str) -> None:
    """Type into the named fields, or choose what is written there."""
    for name, value in typed.items():
        place = page.locator(f"main [name={name}]")
        shape = place.first.evaluate("element => element.type")
        if shape == "radio":
            page.locator(f"main label:has([name={name}])").filter(has_text=value).locator("input").check()
        elif shape == "select-one":
            label = next(text for text in place.locator("option").all_inner_texts() if value in text)
            place.select_option(label=label.strip())
        else:
            place.fill(value)


def reach(page: Page, label: str) -> None:
    """Walk to the button by the Tab key alone; raises AssertionError when it is never reached."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText?.trim() ?? ''") == label:
            return
    raise AssertionError(f"Tab キーでは「{label}」にたどり着けません: {page.url}")
