"""The verify page in a real browser: the chosen file stays chosen, and is sent again for every further question."""

import mimetypes
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from contracts.reading import content_of
from tests.journeys.people import ARGUMENTS, PHONE
from tests.stories import story

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("verify")]


class Site(ThreadingHTTPServer):
    """Answers as the site does, from what was rendered before, and keeps what it was sent: no database is near it."""

    def __init__(self, answers: dict[str, bytes], contract: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.answers, self.contract = answers, contract
        self.sent: list[tuple[str, bytes]] = []


class Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        if not self.path.startswith("/static/"):
            self._give(self.server.answers["form"], "text/html; charset=utf-8")
            return
        found = finders.find(self.path.removeprefix("/static/"))
        content = Path(str(found)).read_bytes() if found else b""
        self._give(content, mimetypes.guess_type(self.path)[0] or "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, body))
        if self.path == "/verify/version/":
            self._give(self.server.contract, "application/pdf", 'attachment; filename="2.pdf"')
            return
        asked = "pages" if b'name="show"' in body else "verdict"
        self._give(self.server.answers[asked], "text/html; charset=utf-8")

    def _give(self, content: bytes, kind: str, disposition: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if disposition:
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(db) -> Iterator[Site]:
    contract = content_of(story().concluded().version.documents.first())
    client = Client()

    def drop(**more: str) -> bytes:
        paper = SimpleUploadedFile("契約書.pdf", contract, "application/pdf")
        return client.post("/verify/", {"file": paper, **more}, headers={"HX-Request": "true"}).content

    answers = {"form": client.get("/verify/").content, "verdict": drop(), "pages": drop(show="2.1")}
    server = Site(answers, contract)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        opened = chromium.new_page(viewport=PHONE, locale="ja-JP")
        opened.goto(f"http://127.0.0.1:{site.server_port}/verify/")
        yield opened
        chromium.close()


def test_one_file_is_chosen_once_for_the_verdict_the_pages_and_the_version(site, page):
    page.set_input_files("#id_file", {"name": "契約書.pdf", "mimeType": "application/pdf", "buffer": site.contract})
    page.get_by_role("button", name="検証する").click()
    expect(page.locator("#answer")).to_contain_text("署名済みであり、すべての署名が有効です。")

    page.get_by_role("button", name=re.compile("このバージョンを表示.*バージョン 1）")).click()
    expect(page.get_by_role("heading", name="1 ページ目から")).to_be_focused()
    expect(page.get_by_role("img", name="1 ページ目の画像")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile("PDF で受け取る.*バージョン 1）")).click()

    assert taken.value.suggested_filename == "2.pdf"
    assert [path for path, _body in site.sent] == ["/verify/", "/verify/", "/verify/version/"]
    assert all(site.contract in body for _path, body in site.sent)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
