"""What is looked at in the morning, by somebody of one department and by somebody who sees the whole city."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import tenancy
from accounts.models import Department, Membership, Organization, Role, User
from benchmarks.archive.telling import cells
from contracts import glance
from tests import factories

ROLES = (Role.DRAFTER, Role.APPROVER, Role.SIGNATORY, Role.GUARANTEE_OFFICER)
ROUNDS = 9
GOAL_MS = 150
PAGES = {
    "私の仕事": ("home", ""),
    "受信箱": ("work_inbox", ""),
    "見出しの数": ("work_number", ""),
    "案件の板": ("case_list", "?view=board"),
    "案件の一覧": ("case_list", ""),
    "予定": ("calendar", ""),
    "実績": ("figures", ""),
}
READERS = {"課の人": True, "市のすべてを見る人": False}
WIDTHS = (34, 10, 10, 14, 10, 8, 8)
HEADING = ("ミリ秒（中央値）", "時計", "web", "PostgreSQL", "CPU", "問合せ", "150")


@dataclass(frozen=True)
class Look:
    """One page for one reader: median milliseconds by the clock, and of CPU in this process and in its backend."""

    title: str
    clock_ms: float
    web_ms: float
    postgres_ms: float
    queries: int

    @property
    def cpu_ms(self) -> float:
        """Return what a machine with nothing else to do would need."""
        return self.web_ms + self.postgres_ms

    @property
    def cells(self) -> tuple[str, ...]:
        times = (f"{ms:,.0f}" for ms in (self.clock_ms, self.web_ms, self.postgres_ms, self.cpu_ms))
        return self.title, *times, str(self.queries), "達成" if self.cpu_ms <= GOAL_MS else "未達"


def measured(city: Organization) -> list[Look]:
    """Open each page for each reader, the whole way from the request to its answer within this process."""
    found = []
    for who, has_department in READERS.items():
        user = reader(city, has_department=has_department)
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        found += [_look(f"{title}: {who}", partial(_open, client, user, city, page)) for title, page in PAGES.items()]
    return found


def reader(city: Organization, *, has_department: bool) -> User:
    """Make a member of staff with all the roles that work waits for."""
    with tenancy.acting_for(city.pk):
        user = factories.member(city, *ROLES)
        place = Department.unscoped.filter(tenant=city, name="第0課").first() if has_department else None
        Membership.unscoped.filter(user=user).update(department=place)
    return user


def _open(client: Client, user: User, city: Organization, page: tuple[str, str]) -> None:
    name, query = page
    if name == "work_number":
        glance.forget(factories.actor(user, city))
    answer = client.get(reverse(name) + query)
    if answer.status_code != 200:
        raise SystemExit(f"{name}: {answer.status_code}")


def _look(title: str, work: Callable[[], None]) -> Look:
    work()
    taken = [_taken(work) for _ in range(ROUNDS)]
    with CaptureQueriesContext(connection) as asked:
        work()
    return Look(title, *(round(statistics.median(each), 1) for each in zip(*taken, strict=True)), len(asked))


def _taken(work: Callable[[], None]) -> tuple[float, float, float]:
    """Return the milliseconds that a work took: by the clock, of this process and of the backend that answers it."""
    before = _now()
    work()
    return tuple((after - begun) / 1e6 for begun, after in zip(before, _now(), strict=True))  # type: ignore[return-value]


def _now() -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    spent = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.perf_counter_ns(), time.process_time_ns(), spent


def table(found: Sequence[Look]) -> str:
    """Lay the looks out, a line each."""
    return "\n".join(cells(line, WIDTHS) for line in [HEADING, *(each.cells for each in found)])
