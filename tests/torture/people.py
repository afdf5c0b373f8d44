"""The people of a drill: firms and signatories at real pages, who write down what they were told, and when.

Whoever gets no clear answer looks again at the page before pressing anything twice, as a person does (I12).
"""

import email
import email.policy
import hashlib
import random
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from config.demo.browser import Browser, Page, PageSurprise
from config.demo.mailbox import ADDRESS, MailMissing
from config.demo.story import sign_in
from config.demo.telling import documents_of
from tests.torture.room import Room

SIGNED = "署名手続きを完了しました"
AT_ONCE = 6
TROUBLES = (httpx.HTTPError, PageSurprise, MailMissing)
SIGN_PAGE = re.compile(r"/sign/(\d+)/")
HANDED_PAGE = re.compile(r"/download/(\d+)/")


def visitor(base_url: str, number: int) -> Browser:
    """Make the browser of somebody on a line of their own."""
    browser = Browser(base_url)
    browser.client.headers["X-Forwarded-For"] = f"198.18.{number // 250}.{number % 250 + 1}"
    browser.client.timeout = httpx.Timeout(40)
    return browser


@dataclass
class Crowd:
    """Everybody who waits for mails and acts on them, until told to go home."""

    base_url: str
    mailbox: Path
    room: Room
    manifest: dict[str, Any]
    chance: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    seen: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.firms = {each["firm"]: (number, each) for number, each in enumerate(self.manifest["contracts"], start=1)}
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._cities = [City(self, account) for account in self.manifest["cities"]]
        self._reader = threading.Thread(target=self.heeded, args=(self._read,), daemon=True)
        self.trouble: Exception | None = None
        self.signed: set[str] = set()
        self.handed: dict[str, str] = {}

    def come(self) -> None:
        """Begin."""
        for city in self._cities:
            city.start()
        self._reader.start()

    def leave(self) -> None:
        """Go home, and wait until everyone has."""
        self.over.set()
        self._reader.join()
        for city in self._cities:
            city.join()
        self._pool.shutdown(cancel_futures=True)
        if self.trouble is not None:
            raise self.trouble

    def heeded(self, act: Callable[..., None], *args: Any) -> None:
        """Act; who fails otherwise than a person may ends the drill, instead of falling silent."""
        try:
            act(*args)
        except Exception as trouble:  # noqa: BLE001
            self.trouble = trouble
            self.over.set()

    def are_done(self, *, but: int = 0) -> bool:
        """Tell whether every firm holds its documents, but for so many."""
        return len(self.handed) >= len(self.firms) - but

    def _read(self) -> None:
        """Open the mails as they come; what carries the same link is the same matter."""
        while not self.over.wait(0.3):
            for path in sorted(self.mailbox.glob("*.eml")):
                if path.name not in self.seen:
                    self.seen.add(path.name)
                    self._opened(path)

    def _opened(self, path: Path) -> None:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        to, subject = str(message["To"]).strip().strip("<>"), str(message["Subject"])
        body = message.get_body(preferencelist=("plain",))
        found = ADDRESS.search(body.get_content() if body else "")
        if to not in self.firms or found is None or found[0] in self.links:
            return
        self.links.add(found[0])
        number, contract = self.firms[to]
        if "署名依頼が届いています" in subject:
            self._pool.submit(self.heeded, self._firm_signs, number, contract, found[0])
        if "電子署名完了のお知らせ" in subject:
            self.room.note("people", who="firm", of=contract["number"], did="told", answer="concluded")
            self._pool.submit(self.heeded, self._firm_takes, number, contract, found[0])

    def _firm_signs(self, number: int, contract: dict[str, Any], link: str) -> None:
        browser, address = visitor(self.base_url, number), link
        while not self.over.is_set():
            page = look(browser, address)
            if page is not None:
                if SIGNED in page.text:
                    self.signed.add(contract["number"])
                    return self.room.note("people", who="firm", of=contract["number"], did="saw", answer="signed")
                self.room.note("people", who="firm", of=contract["number"], did="saw", answer=state_of(page))
                if (led := self.press_on(page, "firm", contract["number"])) is not None:
                    address = led.url.partition("/sign/")[0] + "/sign/" if "/l/" in led.url else address
                    continue
            self.over.wait(self.chance.uniform(0.3, 2))
        return None

    def press_on(self, page: Page, who: str, of: str) -> Page | None:
        """Press what leads to the signature, and then the last button; None when an answer was not clear."""
        is_landing = who == "firm" and "/l/" not in page.url
        with suppress(PageSurprise):
            opened = self._pressed(page.form(action="/sign/" if is_landing else "/confirm/"), who=who, of=of)
            if opened is None or is_landing:
                return opened
            return self._pressed(opened.form(action="/finish/"), who=who, of=of)
        return None

    def _pressed(self, form: Any, *, who: str, of: str) -> Page | None:
        """Press a button, and write down what was answered; None when that is not clear."""
        did = form.target.rstrip("/").rpartition("/")[2]
        did = did if did in {"confirm", "finish"} else "opened"
        try:
            page = form.send({})
            answer, clear = page.status, page.status < 500
        except TROUBLES as trouble:
            page, answer, clear = None, type(trouble).__name__, False
        self.room.note("people", who=who, of=of, did=did, answer=answer, clear=clear)
        return page if clear else None

    def _firm_takes(self, number: int, contract: dict[str, Any], link: str) -> None:
        while not self.over.is_set():
            if take(visitor(self.base_url, number), contract, link, self.room):
                self.handed[contract["number"]] = link
                return
            self.over.wait(self.chance.uniform(0.5, 3))


def look(browser: Browser, address: str) -> Page | None:
    """Open a page; None when there is no clear answer."""
    try:
        page = browser.get(address)
    except TROUBLES:
        return None
    return page if page.status < 500 else None


def state_of(page: Page) -> str:
    """Tell in a word what a signer sees."""
    return {200: "open", 404: "missing", 410: "gone"}.get(page.status, str(page.status))


def take(browser: Browser, contract: dict[str, Any], link: str, room: Room) -> bool:
    """Take all documents of a concluded contract, and keep them; False when there was no clear answer."""
    try:
        page = browser.get(link).post("/download/")
        forms = documents_of(page)
        answers = [page.post(form.get("action")).response for form in forms]
    except TROUBLES:
        return False
    if not forms or any(answer.status_code >= 500 for answer in answers):
        return False
    for form, answer in zip(forms, answers, strict=True):
        digest = hashlib.sha256(answer.content).hexdigest()
        found = HANDED_PAGE.search(form.get("action"))
        assert found is not None
        if not (kept := room.papers / f"{digest}.pdf").exists():
            kept.write_bytes(answer.content)
        room.note(
            "people",
            who="firm",
            of=contract["number"],
            did="took",
            answer=answer.status_code,
            document=int(found[1]),
            sha256=digest,
        )
    return True


class City(threading.Thread):
    """A city's signatory, who looks into the inbox and signs what lies there, one after the other."""

    def __init__(self, crowd: Crowd, account: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.crowd, self.account = crowd, account
        self.browser = visitor(crowd.base_url, 20_000 + account["tenant"] % 10_000)
        self.is_in = False

    def run(self) -> None:
        """Sign until everyone goes home."""
        self.crowd.heeded(self._attend)

    def _attend(self) -> None:
        while not self.crowd.over.wait(1):
            if not self.is_in:
                self._sign_in()
                continue
            page = look(self.browser, "/inbox/")
            if page is None:
                continue
            if "/accounts/" in page.url:
                self.is_in = False
                continue
            for step in dict.fromkeys(SIGN_PAGE.findall(page.response.text)):
                self._sign(int(step))

    def _sign_in(self) -> None:
        self.browser.client.cookies.clear()
        try:
            sign_in(self.browser, self.account)
            self.is_in = True
        except TROUBLES:
            self.crowd.over.wait(5)  # 同じ確認コードは、二度は使えない

    def _sign(self, step: int) -> None:
        of, address = f"step:{step}", f"/sign/{step}/"
        for _ in range(20):
            if self.crowd.over.is_set():
                return None
            page = look(self.browser, address)
            if page is None:
                self.crowd.over.wait(1)
                continue
            if "/progress/" in page.url or page.status == 409:
                self.crowd.signed.add(of)
                return self.crowd.room.note("people", who="city", of=of, did="saw", answer="signed")
            if "/accounts/" in page.url:
                self.is_in = False
                return None
            self.crowd.room.note("people", who="city", of=of, did="saw", answer=state_of(page))
            self.crowd.press_on(page, "city", of)
        return None


def take_again(crowd: Crowd, *, pause: float = 0) -> int:
    """Have every firm that holds its documents take them once more; return for how many that had no clear answer."""
    missed = 0
    for firm, link in list(crowd.handed.items()):
        number, contract = next(each for each in crowd.firms.values() if each[1]["number"] == firm)
        missed += not take(visitor(crowd.base_url, number), contract, link, crowd.room)
        time.sleep(pause)
    return missed
