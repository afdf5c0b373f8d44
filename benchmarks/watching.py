"""What a running stack costs meanwhile: the CPU of each of its parts, and how long a page takes."""

import http.client
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

import psutil
from django.test import Client

from accounts import tenancy
from accounts.models import Organization, Role, User
from config.embedded.stack import Stack
from tests import factories

PARTS = {
    "worker": "worker（封印、検証、締結、送信）",
    "postgres": "PostgreSQL",
    "web": "web（ほかの人の画面）",
    "mail": "メールの受け皿",
    "redis": "Redis",
    "beat": "beat",
    "pki": "TSA（数えない）",
}


def cpu(stack: Stack) -> dict[str, float]:
    """Return the CPU seconds that each part has used so far, with what its processes have begotten."""
    return {child.name: _of(psutil.Process(child.process.pid)) for child in stack.children.running}


def _of(process: psutil.Process) -> float:
    used = 0.0
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used


class Reader(threading.Thread):
    """A member of staff who opens the list of cases five times a second."""

    def __init__(self, stack: Stack, city: Organization) -> None:
        super().__init__(daemon=True)
        self._host, self._cookie = f"127.0.0.1:{stack.web_port}", _session(city)
        self._over = threading.Event()
        self.seconds: list[float] = []

    def run(self) -> None:
        """Open the page until the reading is over."""
        while not self._over.wait(0.2):
            begun = time.perf_counter()
            line = http.client.HTTPConnection(self._host, timeout=60)
            line.request("GET", "/cases/", headers={"Cookie": self._cookie, "Host": "localhost"})
            answer = line.getresponse()
            answer.read()
            line.close()
            if answer.status != 200:
                raise SystemExit(f"案件の一覧が開けません: {answer.status}")
            self.seconds.append(time.perf_counter() - begun)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()

    def milliseconds(self) -> tuple[float, float]:
        """Return p50 and p95."""
        return percentiles(self.seconds)


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 95th percentile in milliseconds."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 19
    return round(cuts[9] * 1000), round(cuts[18] * 1000)


def _session(city: Organization) -> str:
    """Sign a drafter of the city in, and return the cookie."""
    with tenancy.acting_for(city.pk):
        actor = factories.staff(city, Role.DRAFTER)
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
