"""操作記録: 八つのプロセスが、錠をかけてから十ミリ秒かかる取引で書き足す。百万の出来事を確かめる。

`python -m benchmarks.archive.journals CITIES SECONDS SEED` が、書き手の一人分。
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg

from benchmarks.archive.crowd import together, wait_for_all
from benchmarks.archive.loading import tenant_of

WRITERS, SECONDS, WORK = 8, 6, 0.01
CITIES = 200
# 書き足す団体と、確かめる団体は分ける。
FIRST_FILLED = 1001
EVENTS = 1_000_000
BEGAN = datetime(2025, 4, 1, tzinfo=UTC)
SEALED = {
    "action": "document.sealed",
    "actor_kind": "staff",
    "actor_name": "佐賀　花子 <hanako@example.jp>",
    "ip": "203.0.113.7",
    "data": '{"case":"令7建第12号","document":"契約書","sha256":"9f86d081884c7d659a2feaa0c55ad015"}',
}
COLUMNS = (
    *("tenant_id", "seq", "at", "action", "actor_kind", "actor_name", "ip"),
    *("subject", "thread", "data", "previous_hash", "hash"),
)


def appends(cities: int) -> int:
    """Return how many events a second all writers together append to the chains of so many cities."""
    counts = together("benchmarks.archive.journals", [str(cities), str(SECONDS)], people=WRITERS)
    return round(sum(map(int, counts)) / SECONDS)


def verify() -> float:
    """Walk every chain that was filled; return the seconds. Stops at a chain that does not hold."""
    from audit.models import Head
    from audit.verifying import verify_chain

    filled = Head.objects.using("owner").filter(tenant_id__gte=tenant_of(FIRST_FILLED))
    began, events = time.perf_counter(), 0
    for tenant_id in filled.values_list("tenant_id", flat=True):
        report = verify_chain(tenant_id=tenant_id, using="owner")
        if not report.intact:
            raise SystemExit(report.why)
        events += report.events
    return round((time.perf_counter() - began) * EVENTS / events, 2)


def fill(connection: psycopg.Connection, events: int) -> None:
    """Write chains of so many events in all, as a superuser past walls and triggers, unless they are there."""
    first = tenant_of(FIRST_FILLED)
    if connection.execute("select 1 from audit_head where tenant_id >= %s", [first]).fetchone():
        return
    lengths = [events // CITIES] * CITIES
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        with connection.cursor().copy(f"copy audit_event ({', '.join(COLUMNS)}) from stdin") as rows:
            heads = [_chain(first + city, length, rows) for city, length in enumerate(lengths)]
        with connection.cursor() as cursor:
            cursor.executemany("insert into audit_head (tenant_id, seq, hash) values (%s, %s, %s)", heads)
    connection.execute("vacuum (analyze) audit_event")


def _chain(tenant_id: int, length: int, rows: Any) -> tuple[int, int, str]:
    from audit import canonical
    from audit.models import Event

    last = canonical.GENESIS
    for seq in range(1, length + 1):
        event = Event(tenant_id=tenant_id, seq=seq, at=BEGAN + timedelta(seconds=seq * 300), **SEALED)
        event.subject, event.thread = f"document:{seq}", f"case:{seq // 12}"
        event.previous_hash = last
        event.hash = last = event.compute_hash()
        rows.write_row([getattr(event, column) for column in COLUMNS])
    return tenant_id, length, last


def main(cities: str, seconds: str, seed: str) -> None:
    """Append events for so many seconds; print how many were committed."""
    from accounts import tenancy
    from audit import journal

    chance, count = Random(seed), 0
    wait_for_all()
    ends = time.monotonic() + float(seconds)
    while time.monotonic() < ends:
        tenant_id = tenant_of(1 + int(int(cities) * chance.random() ** 2.5))
        with tenancy.acting_for(tenant_id):
            journal.record(
                "document.sealed",
                tenant_id=tenant_id,
                at=BEGAN,
                actor_kind="staff",
                actor_name="佐賀　花子",
                ip="203.0.113.7",
                subject=f"document:{count}",
                thread="case:1",
                data={"n": count},
            )
            time.sleep(WORK)
        count += 1
    print(count)


if __name__ == "__main__":
    import django

    django.setup()
    main(*sys.argv[1:])
