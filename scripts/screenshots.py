"""README と案内に使う画面を、動いている見本から撮る。

`make demo` が動いていればそれを、いなければ自分で起こして撮り、終える。
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LINK = re.compile(r"https?://\S+/(?:sign|download)/\S+")


def main() -> int:
    base = f"http://localhost:{os.environ.get('PORT', '8000')}"
    OUT.mkdir(parents=True, exist_ok=True)
    with running_demo(base), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        photograph(browser, base)
        browser.close()
    return 0


@contextmanager
def running_demo(base: str) -> Iterator[None]:
    """Use the demo that serves already, else start one, and stop it afterwards."""
    if answers(base):
        yield
        return
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", base.rsplit(":", 1)[1]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    with demo:
        for line in demo.stdout:
            print(line, end="")
            if "Ctrl-C" in line:
                break
        else:
            raise SystemExit("見本が起動しませんでした。")
        try:
            yield
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate()


def answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def photograph(browser: Browser, base: str) -> None:
    """Take every picture."""
    desk = signed_in(browser, base, "kian")
    shoot(desk, f"{base}/", "home")
    case = newest_case(desk, base)
    shoot(desk, case, "case")
    document = desk.locator("a[href*='/documents/']").first.get_attribute("href")
    if document:
        shoot(desk, f"{base}{document}", "document")
    desk.context.close()
    auditor = signed_in(browser, base, "kansa")
    shoot(auditor, f"{base}/archive/", "archive")
    shoot(auditor, f"{base}/log/", "log")
    auditor.context.close()
    phone = browser.new_page(viewport=PHONE, device_scale_factor=2, locale="ja-JP", timezone_id="Asia/Tokyo")
    for subject, name in (("署名依頼", "signing-request"), ("電子署名完了", "download")):
        if link := newest_link(subject):
            shoot(phone, link, name)
    phone.close()


def signed_in(browser: Browser, base: str, mailbox: str) -> Page:
    """Open a window where this member of the staff of 鳥栖市 is signed in."""
    accounts = json.loads((ROOT / "var/demo/accounts.json").read_text())
    account = next(row for row in accounts if row["email"] == f"{mailbox}@tosu.example.jp")
    context = browser.new_context(viewport=DESK, locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def newest_case(page: Page, base: str) -> str:
    """Return the address of the case that was registered last."""
    page.goto(f"{base}/cases/")
    hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    numbers = [int(found[1]) for href in hrefs if (found := re.fullmatch(r"/cases/(\d+)/", href))]
    return f"{base}/cases/{max(numbers)}/"


def newest_link(subject: str) -> str | None:
    """Return the link in the newest mail whose subject holds these words."""
    for file in sorted((ROOT / "var/mailbox").glob("[0-9]*.eml"), reverse=True):
        mail = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        body = mail.get_body(preferencelist=("plain",))
        if subject in str(mail["Subject"]) and body and (found := LINK.search(body.get_content())):
            return found[0]
    return None


def shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
