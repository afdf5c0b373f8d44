"""Many open their first page at once: the whole product over HTTP, against the 45 requests a second of 8:30."""

import http.client
import threading
import time
from dataclasses import dataclass

from django.test import Client

from accounts.models import Organization, User
from benchmarks.morning import looks
from benchmarks.watching import percentiles
from config.embedded import processes
from config.embedded.stack import Stack

# 全国の二割の自治体の職員が、八時半からの十分間に開く頁
GOAL_PER_SECOND = 45
PEOPLE, SECONDS = 8, 15
ADDRESS = "/"


@dataclass(frozen=True)
class Rush:
    """So many people each open the page again as soon as it stands there."""

    per_second: float
    p50_ms: int
    p95_ms: int


def measured(stack: Stack, city: Organization) -> Rush:
    """Serve the site, and let people of one department open 私の仕事."""
    processes.serve(stack)
    try:
        people = [_Person(stack, looks.reader(city, has_department=True)) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        for person in people:
            person.join()
    finally:
        stack.children.stop(("web",))
    seconds = [each for person in people for each in person.seconds]
    return Rush(round(len(seconds) / SECONDS, 1), *percentiles(seconds))


def told(found: Rush) -> str:
    """Tell it in one line."""
    who = f"{PEOPLE} 人が続けて開く「私の仕事」"
    spent = f"p50 / p95 {found.p50_ms} / {found.p95_ms} ミリ秒"
    return f"{who}: 毎秒 {found.per_second} 頁、{spent}（目標 毎秒 {GOAL_PER_SECOND}）"


class _Person(threading.Thread):
    def __init__(self, stack: Stack, user: User) -> None:
        super().__init__(daemon=True)
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        self._line = http.client.HTTPConnection("127.0.0.1", stack.web_port, timeout=60)
        self._headers = {"Host": "localhost", "Cookie": client.cookies.output(header="", sep=";").strip()}
        self.seconds: list[float] = []

    def run(self) -> None:
        """Open the page until the time is over."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            begun = time.perf_counter()
            self._line.request("GET", ADDRESS, headers=self._headers)
            answer = self._line.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{ADDRESS} が開けません: {answer.status}")
            self.seconds.append(time.perf_counter() - begun)
