"""Exact totals over all municipalities, from what is counted already and from what still waits to be added."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections, transaction

from contracts.archive.across import OPS
from contracts.archive.asking import Wanted
from contracts.archive.totals import Total
from contracts.folding import query_keys

AT_ONCE = 10_000
MOST_PARTIES = 20
FIRST_YEAR, LAST_YEAR = 0, 9999
# 数え終えた行と、まだ足していない行。一つの文で読むので、そのあいだに足されても、二重にも不足にもならない
FOUND = """
    with found as (
        select key, what, name, count, amount from contracts_partytotal where {condition}
        union all
        select key, what, name, count, amount from contracts_totalchange where {condition}
    )
"""
FOUND_BY_YEAR = """
    with found as (
        select t.key, t.what, t.name, y.count, y.amount
        from contracts_partytotal t join contracts_partyyear y on y.party_id = t.id
        where {condition} and y.fiscal_year between %(first)s and %(last)s
        union all
        select key, what, name, count, amount from contracts_totalchange
        where {condition} and fiscal_year between %(first)s and %(last)s
    )
"""
BY_WHAT = "select what, sum(count), sum(amount) from found group by what order by what"
BY_PARTY = """
    select key, max(name), sum(count), sum(amount) from found
    group by key having sum(count) > 0 order by sum(amount) desc, key limit %(most)s
"""


@dataclass(frozen=True)
class PartyShare:
    """A counterparty, as it was last written, and its total over all municipalities."""

    key: str
    name: str
    total: Total


@dataclass(frozen=True)
class Totals:
    """The totals by values of Archived, and the counterparties with the greatest sums."""

    by_what: Mapping[int, Total] = field(default_factory=dict)
    parties: list[PartyShare] = field(default_factory=list)


def can_tell(wanted: Wanted) -> bool:
    """Tell whether the totals are kept for a question: it asks for counterparties, sorts of things and years only."""
    told = Wanted(parties=wanted.parties, whats=wanted.whats, first_year=wanted.first_year, last_year=wanted.last_year)
    return wanted == told


def totals(wanted: Wanted) -> Totals:
    """Count and sum, exactly, what `can_tell` holds of."""
    found, values = _found(wanted)
    with transaction.atomic(using=OPS), connections[OPS].cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read read only")
        cursor.execute(found + BY_WHAT, values)
        by_what = {what: Total(count=int(count), amount=int(amount)) for what, count, amount in cursor.fetchall()}
        cursor.execute(found + BY_PARTY, values)
        parties = [PartyShare(key, name, Total(int(count), int(amount))) for key, name, count, amount in cursor]
    return Totals(by_what=by_what, parties=parties)


def roll_up() -> bool:
    """Add some of the changes that wait to the totals; False when none were left."""
    with connection.cursor() as cursor:
        cursor.execute("select archive_roll_up(%s)", [AT_ONCE])
        (added,) = cursor.fetchone()
    return bool(added)


def sample_grams() -> None:
    """Look anew how common each two letters in a row are."""
    with connection.cursor() as cursor:
        cursor.execute("select archive_sample_grams()")


def _found(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"most": MOST_PARTIES, "whats": list(wanted.whats)}
    # 折りたたんだ語に、% や _ は残らない
    values["keys"] = [f"%{key}%" for party in wanted.parties for key in query_keys(party)]
    condition = " and ".join(
        [*(["key like any(%(keys)s)"] if values["keys"] else []), *(["what = any(%(whats)s)"] if wanted.whats else [])]
    )
    if wanted.first_year is None and wanted.last_year is None:
        return FOUND.format(condition=condition or "true"), values
    values |= {"first": _or(wanted.first_year, FIRST_YEAR), "last": _or(wanted.last_year, LAST_YEAR)}
    return FOUND_BY_YEAR.format(condition=condition or "true"), values


def _or(year: int | None, other: int) -> int:
    return other if year is None else year
