"""People who come at their own pace, whether or not the service keeps up: an open rate of arrival over real HTTP.

`python -m benchmarks.load.traffic PLAN` reads as JSON whom to send, how many and how long, sends them from the cores
it is given, and writes what they saw to PLAN.seen. It is a process of its own and knows of the product only its pages.
"""

import asyncio
import base64
import hmac
import json
import os
import random
import re
import resource
import struct
import sys
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]*)"|<form[^>]*action="([^"]*)"[^>]*method="post"')
CASE = re.compile(r'href="(/cases/\d+/)"')
PATIENCE = aiohttp.ClientTimeout(total=60)
WARM_UP = 0.15
# 八時半からの職員の頁と、その割合。一件の契約の受注者は、八つの頁を開く
PAGES = {
    "私の仕事": (30, "/"),
    "受信箱": (12, "/inbox/"),
    "案件の板": (18, "/cases/?view=board"),
    "案件の一覧": (15, "/cases/"),
    "案件": (15, ""),
    "書庫の検索": (10, "/archive/?party=%E9%AB%99&least_amount=1000000"),
}
STAFF_OF_TEN, THINKING = 5.6, (0.3, 1.5)


@dataclass
class Seen:
    """What one request met."""

    what: str
    at: float
    seconds: float
    status: int


@dataclass
class Person:
    """One browser, on a line of its own."""

    base: str
    line: str
    seen: list[Seen]
    browser: aiohttp.ClientSession = field(init=False)
    cases: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        headers = {"X-Forwarded-For": self.line, "User-Agent": "musubi-load"}
        self.browser = aiohttp.ClientSession(
            headers=headers, timeout=PATIENCE, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )

    async def get(self, what: str, address: str) -> tuple[str, str]:
        """Open a page; return where it led, and its text."""
        return await self._ask(what, "GET", address, None)

    async def post(self, what: str, address: str, text: str, **typed: str) -> tuple[str, str]:
        """Send the form of a page that was opened."""
        token = CSRF.search(text)
        fields = {"csrfmiddlewaretoken": token[1] if token else ""} | typed
        return await self._ask(what, "POST", address, fields)

    async def _ask(self, what: str, method: str, address: str, fields: dict[str, str] | None) -> tuple[str, str]:
        place, began = urljoin(self.base, address), time.perf_counter()
        headers = {"Origin": self.base.rstrip("/"), "Referer": self.base} if fields is not None else {}
        at, status, text, led = time.time(), 0, "", place
        try:
            async with self.browser.request(method, place, data=fields, headers=headers) as answer:
                status, text, led = answer.status, await answer.text(), answer.url.path
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
            status = 0
        self.seen.append(Seen(what, at, time.perf_counter() - began, status))
        return led, text


def code(secret: str) -> str:
    """Give the code of an authenticator now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


async def sign_in(person: Person, clerk: dict[str, str]) -> bool:
    """Sign in with password and code."""
    where, text = await person.get("サインイン", "/accounts/login/")
    typed = {"login": clerk["email"], "password": clerk["password"]}
    where, text = await person.post("サインイン", where, text, **typed)
    if "authenticate" in where:
        where, text = await person.post("サインイン", where, text, code=code(clerk["totp_secret"]))
    _, listed = await person.get("案件の一覧", "/cases/")
    person.cases = CASE.findall(listed)
    return clerk["name"] in text


async def look(person: Person, chance: random.Random) -> None:
    """Open one page of the morning."""
    what = chance.choices(list(PAGES), [weight for weight, _ in PAGES.values()])[0]
    address = PAGES[what][1] or (chance.choice(person.cases) if person.cases else "/cases/")
    await person.get(what, address)


async def sign(person: Person, link: str, chance: random.Random) -> None:
    """Go the whole way of a contractor: the mail's link, the documents, both buttons, and the page after them."""
    try:
        where, text = await person.get("受注者: リンク", link)
        where, text = await person.post("受注者: 確認する", where, text)
        reading = where
        for name in ("confirm", "finish"):
            await asyncio.sleep(chance.uniform(*THINKING))
            action = next((a or b for a, b in FORM.findall(text) if (a or b).endswith(f"/{name}/")), "")
            if not action:
                person.seen.append(Seen(f"受注者: {name} のボタンがない", time.time(), 0, 0))
                return
            where, text = await person.post(f"受注者: {name}", action, text)
        await asyncio.sleep(chance.uniform(*THINKING))
        await person.get("受注者: その後", reading)
    finally:
        await person.browser.close()


class Morning:
    """Sends people at a rate, in the proportion of the load model, for so many seconds."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan, self.chance = plan, random.Random(plan["seed"])
        self.seen: list[Seen] = []
        self.going: set[asyncio.Task[None]] = set()
        self.staff: list[Person] = []
        self.errands = list(plan["errands"])

    def person(self, number: int) -> Person:
        return Person(
            self.plan["base"], f"198.{18 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}", self.seen
        )

    async def gather(self) -> None:
        """Sign the staff in beforehand, a few at a time."""
        gate = asyncio.Semaphore(4)

        async def one(number: int, clerk: dict[str, str]) -> None:
            async with gate:
                person = self.person(number)
                if await sign_in(person, clerk):
                    self.staff.append(person)

        await asyncio.gather(*(one(number, clerk) for number, clerk in enumerate(self.plan["clerks"])))
        if len(self.staff) < len(self.plan["clerks"]):
            raise SystemExit(
                f"{len(self.plan['clerks'])} 人のうち {len(self.staff)} 人しか入れません: {self.statuses()}"
            )
        self.seen.clear()

    def statuses(self) -> list[int]:
        return sorted({each.status for each in self.seen})

    async def pass_by(self, rate: float, seconds: float) -> list[Seen]:
        """Let people come at `rate` requests a second; whoever came waits for their answers beyond the end."""
        self.seen.clear()
        began, late = time.perf_counter(), 0.0
        due = 0.0
        while due < seconds:
            due += self.chance.expovariate(rate / 1.0)
            late = max(late, time.perf_counter() - began - due)
            await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
            self._send()
        while self.going:
            await asyncio.sleep(0.1)
        self.late = late
        first = min(each.at for each in self.seen)
        return [each for each in self.seen if each.at > first + WARM_UP * seconds]

    def _send(self) -> None:
        """Send a clerk for one page, or a contractor, who makes five requests, a fifth as often."""
        work: Awaitable[None]
        if self.chance.random() * 10 < STAFF_OF_TEN or not self.errands:
            work = look(self.chance.choice(self.staff), self.chance)
        elif self.chance.random() < 1 / 5:
            link = self.errands.pop()
            work = sign(self.person(1000 + len(self.errands)), link, self.chance)
        else:
            return
        task = asyncio.ensure_future(work)
        self.going.add(task)
        task.add_done_callback(self.going.discard)


async def main(path: Path) -> None:
    """Follow the orders that come line by line: RATE SECONDS; answer each with a line of what was seen."""
    plan = json.loads(path.read_text())
    if plan["cores"]:
        os.sched_setaffinity(0, plan["cores"])
    morning = Morning(plan)
    await morning.gather()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        rate, seconds = map(float, line.split())
        before = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        seen = await morning.pass_by(rate, seconds)
        after, spent = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        told = {
            "seen": [[each.what, round(each.at, 3), round(each.seconds, 4), each.status] for each in seen],
            "cpu": cpu / spent,
            "late": morning.late,
            "errands": len(morning.errands),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    for person in morning.staff:
        await person.browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
