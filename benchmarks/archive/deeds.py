"""締結したものの一覧を、締結の順に作る。市の大きさは対数正規で、市は入り混じる。

一束ごとに種を決めるので、どの束から、いくつのプロセスで作っても、同じものができる。
"""

from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from benchmarks.archive.firms import FIRMS, firm
from benchmarks.archive.wording import ENDINGS, KINDS, ROADS, SITES
from contracts.folding import search_key

TOWNS = 1788
BUNDLE = 10_000
FIRST_DAY, DAYS = date(2016, 4, 1), 3652
ERAS = ["平成28年度", "平成29年度", "平成30年度", "令和元年度", *(f"令和{year}年度" for year in range(2, 8))]
# 大きい順。分布の先の先までは取らず、最大の市が全体の 1.4 % ほどになるところで止める。
LARGEST = 3.05
SIZES = [exp(1.35 * min(NormalDist().inv_cdf(1 - (rank + 0.5) / TOWNS), LARGEST)) for rank in range(TOWNS)]
UP_TO = list(accumulate(SIZES))
# 契約、変更契約、保証、承諾（％）。
WHATS = (1,) * 80 + (2,) * 12 + (3,) * 5 + (4,) * 3
# 有効、変更済、終了（％）。
STATES = (1,) * 60 + (2,) * 8 + (3,) * 32
KIND_OF = [kind for kind, (share, _, _) in enumerate(KINDS, start=1) for _ in range(share)]
PLACES_OF_WORK = ROADS + SITES
KEYS = {
    part: search_key(part)
    for part in ("", *ERAS, *PLACES_OF_WORK, *ENDINGS, *(aim + tail for _, tail, aims in KINDS for aim in aims))
}


class Deed(NamedTuple):
    """One archived thing: its place in time from 1, the rank of its town from 1, codes, days, yen, names and keys."""

    number: int
    town: int
    what: int
    state: int
    kind: int
    department: int
    concluded: date
    ends: date
    fiscal_year: int
    amount: int
    title: str
    title_key: str
    party: str
    party_key: str


def deeds(count: int) -> Iterator[Deed]:
    """Yield `count` deeds spread over ten fiscal years, roughly in the order of their days."""
    for number in range(-(-count // BUNDLE)):
        yield from bundle(number, of=count)


def bundle(number: int, *, of: int) -> Iterator[Deed]:
    """Yield the bundle of a number from 0 when `of` deeds are wanted in all; any bundle alone is the same again."""
    chance = Random(f"deeds/{number}")
    for place in range(number * BUNDLE, min(of, (number + 1) * BUNDLE)):
        yield _deed(place, of, chance)


def _deed(place: int, of: int, chance: Random) -> Deed:
    draw = chance.random
    town = bisect(UP_TO, draw() * UP_TO[-1]) + 1
    day = FIRST_DAY + timedelta(min(max(int(place / of * DAYS + chance.gauss(0, 12)), 0), DAYS - 1))
    year = day.year - (day.month < 4)
    kind = KIND_OF[int(draw() * 100)]
    title, title_key = _title(kind, year, chance)
    name, key = firm(_firm(town, chance))
    return Deed(
        number=place + 1,
        town=town,
        what=WHATS[int(draw() * 100)],
        state=STATES[int(draw() * 100)],
        kind=kind,
        department=1 + int(draw() * 40),
        concluded=day,
        ends=day + timedelta(5 + int(chance.gammavariate(2, 110))),
        fiscal_year=year,
        amount=min(max(int(exp(chance.gauss(14.6, 1.6))), 30_000), 9_000_000_000) // 1000 * 1000,
        title=title,
        title_key=title_key,
        party=name,
        party_key=key,
    )


def _title(kind: int, year: int, chance: Random) -> tuple[str, str]:
    draw = chance.random
    _, tail, aims = KINDS[kind - 1]
    parts = (
        ERAS[year - FIRST_DAY.year] if draw() < 0.35 else "",
        PLACES_OF_WORK[int(draw() * len(PLACES_OF_WORK))] if draw() < 0.8 else "",
        aims[int(draw() * len(aims))] + tail,
        ENDINGS[int(draw() * len(ENDINGS))],
    )
    # 部分ごとに折りたたんだものをつなぐ。つないでから折りたたんだものと同じことは、試験で確かめる。
    return "".join(parts), "".join(KEYS[part] for part in parts)


def _firm(town: int, chance: Random) -> int:
    """Draw a firm of the neighbourhood, a few far more often than the rest, or one that works everywhere."""
    luck = 1 - chance.random()
    if chance.random() < 0.75:
        return (town * 131 + min(int(log(luck) / log(1 - 0.012)), 600)) % FIRMS
    return int(luck**-4) % FIRMS
