"""Search the archives of all municipalities, as the operators' role, which may only read.

A page is found in one of two ways. Common words are met soon by whoever walks from the newest entry to the oldest;
rare ones are gathered from the index of letters, and sorted. Which one is cheaper is known from a sample
(`GramShare`), not left to the planner: it multiplies the shares of letters that always stand together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from math import prod, sqrt
from typing import Any

from django.db import connections, transaction
from django.db.models import Q

from contracts.archive import paging
from contracts.archive.asking import Wanted, conditions
from contracts.archive.paging import NEWEST_FIRST, Place
from contracts.folding import query_keys
from contracts.models import ArchiveEntry, GramShare
from contracts.models.archive import grams

OPS = "ops"
LETTER = 21  # 文字一つの bit の数。データベースの関数 archive_grams と同じ
ROWS = "select greatest(reltuples, 1) from pg_class where oid = 'contracts_archiveentry'::regclass"
# 一頁のために、ほかのプロセスは起こさない。たどるときは、全行を読んで並べ替える計画を選ばせない。
ALONE = "set local max_parallel_workers_per_gather = 0"
WALKING = f"{ALONE}; set local enable_sort = off"
# どれか一つがあればよい言葉と、その列
Clause = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Page:
    """Some entries of any municipality, the newest first, and the place where the next page begins."""

    entries: list[ArchiveEntry] = field(default_factory=list)
    following: Place | None = None


def page(wanted: Wanted, *, after: Place | None = None) -> Page:
    """Find what is wanted among all municipalities; `after` is the place of the last row of the page before."""
    size, order = paging.PAGE, NEWEST_FIRST
    with transaction.atomic(using=OPS):
        rows = _steered(wanted)
        ids = list(order.after(rows, after).order_by(*order.columns).values_list("id", flat=True)[: size + 1])
        known = ArchiveEntry.unscoped.using(OPS).select_related("tenant").in_bulk(ids[:size])
    found = [known[pk] for pk in ids[:size]]
    return Page(entries=found, following=order.place_of(found[-1]) if len(ids) > size else None)


def asked_grams(key: str) -> list[int]:
    """Return every two letters in a row of a folded word as numbers, or its only letter alone."""
    letters = list(map(ord, key))
    if len(letters) == 1:
        return [letters[0] << LETTER]
    return [one << LETTER | other for one, other in pairwise(letters)]


def is_rare(clauses: Iterable[Clause]) -> bool:
    """Tell whether gathering all that has the words visits fewer rows than walking until a page is full."""
    listed = list(clauses)
    if not listed:
        return False
    with connections[OPS].cursor() as cursor:
        cursor.execute(ROWS)
        (rows,) = cursor.fetchone()
    # 集めれば rows × share 行、たどれば PAGE ÷ share 行
    return prod(map(_share, listed)) < sqrt(paging.PAGE / rows)


def _steered(wanted: Wanted) -> Any:
    """Return the query of what is wanted, and have this transaction find it in the cheaper way."""
    rows, clauses = ArchiveEntry.unscoped.using(OPS).filter(conditions(wanted)), list(_clauses(wanted))
    gathers = is_rare(clauses)
    with connections[OPS].cursor() as cursor:
        cursor.execute(ALONE if gathers else WALKING)
    return _gathered(rows, clauses) if gathers else rows


def _clauses(wanted: Wanted) -> Iterator[Clause]:
    if keys := tuple(chain.from_iterable(map(query_keys, wanted.parties))):
        yield "party_key", keys
    for title in wanted.titles:
        if keys := tuple(query_keys(title)):
            yield "title_key", keys


def _share(clause: Clause) -> float:
    """Estimate in which share of the entries any of the words occurs: each no more often than its rarest letters."""
    column, keys = clause
    asked = {key: asked_grams(key) for key in keys}
    every = {gram for each in asked.values() for gram in each}
    known = GramShare.objects.using(OPS).filter(column=column, gram__in=every).values_list("gram", "share")
    shares = dict(known)
    return sum(min(shares.get(gram, 0.0) for gram in each) for each in asked.values())


def _gathered(rows: Any, clauses: Iterable[Clause]) -> Any:
    rows = rows.alias(title_grams=grams("title_key"), party_grams=grams("party_key"))
    for column, keys in clauses:
        any_of = Q()
        for key in keys:
            any_of |= Q(**{f"{column.removesuffix('_key')}_grams__contains": asked_grams(key)})
        rows = rows.filter(any_of)
    return rows
