"""Time the answers to known and to unknown addresses: `python -m benchmarks.enumeration [ADDRESSES]`; 200 of each.

The sign-in page with a wrong password (first the counted failures, then the waiting), and the page that asks for a
new password. A fresh stack in var/bench/enumeration/; the hashes are those of production.
"""

import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from benchmarks import fresh
from benchmarks.measuring import machine

ADDRESSES = 200
# 一つのアドレスを続けて試す数。五回めまでは数え、六回めからは断る
TRIES = 6


@dataclass(frozen=True)
class Pair:
    """Medians in milliseconds of the same page for addresses that somebody has and that nobody has."""

    page: str
    known_ms: float
    unknown_ms: float

    @property
    def apart_ms(self) -> float:
        return round(abs(self.known_ms - self.unknown_ms), 2)


def run(number: int) -> list[Pair]:
    """Ask for known and unknown addresses in turn, so that a busy moment strikes both alike."""
    with fresh.stack("enumeration"):
        known = _members(number)
        unknown = [address.replace("staff", "nobody") for address in known]
        sign_in = [_asked("/accounts/login/", attempt, known, unknown) for attempt in range(1, TRIES + 1)]
        return [*sign_in, _asked("/accounts/password/reset/", 0, known, unknown)]


def _members(number: int) -> list[str]:
    factories, models = import_module("tests.factories"), import_module("accounts.models")
    with import_module("django.db").transaction.atomic():
        city = factories.city("tosu")
        first = factories.member(city, models.Role.DRAFTER, email="staff0@tosu.example.jp")
        rows = [
            models.User(email=f"staff{each}@tosu.example.jp", name=f"職員 {each}", password=first.password)
            for each in range(1, number)
        ]
        people = [first, *models.User.objects.bulk_create(rows)]
        models.Membership.unscoped.bulk_create(
            [models.Membership(tenant=city, user=user, role=models.Role.DRAFTER) for user in people[1:]]
        )
    return [user.email for user in people]


def _asked(path: str, attempt: int, known: list[str], unknown: list[str]) -> Pair:
    # 回線ごとの限りに掛からないよう、一度ごとに別の回線から尋ねる
    taken: dict[bool, list[float]] = {True: [], False: []}
    client: Any = import_module("django.test").Client(HTTP_HOST="localhost")
    for order, pair in enumerate(zip(known, unknown, strict=True)):
        for is_known in (True, False) if order % 2 else (False, True):
            address = pair[0 if is_known else 1]
            typed = {"login": address, "password": "ちがう合言葉-2026"} if attempt else {"email": address}
            where = f"10.{attempt + 10 * is_known}.{order // 250}.{order % 250}"
            began = time.perf_counter()
            client.post(path, typed, REMOTE_ADDR=where)
            taken[is_known].append((time.perf_counter() - began) * 1000)
    name = f"サインイン、{attempt}回めのまちがい" if attempt else "パスワードの再設定"
    medians = [round(statistics.median(taken[each]), 2) for each in (True, False)]
    return Pair(name, *medians)


def table(pairs: list[Pair]) -> str:
    """Lay the medians out for people."""
    lines = ["| 頁 | 登録あり | 登録なし | 差 |", "|---|---:|---:|---:|"]
    lines += [f"| {each.page} | {each.known_ms} ms | {each.unknown_ms} ms | {each.apart_ms} ms |" for each in pairs]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure, tell, keep."""
    about = machine()
    print(f"{about['processor']}、{about['cores']} コア、負荷 {about['load']}", flush=True)
    pairs = run(int(arguments[0]) if arguments else ADDRESSES)
    print(table(pairs))
    kept = {"machine": about, "pairs": [asdict(each) for each in pairs]}
    path = fresh.OUT / "enumeration.json"
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    print(f"控え: {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
