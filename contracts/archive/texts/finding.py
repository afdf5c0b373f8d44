"""Ask which entries of the archive have documents that hold a word.

A word that stands in few places is gathered from the index of pairs. One that stands in most documents is looked for
in the documents of given entries, which takes as long as there are entries given.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from contracts.archive.texts import grams
from contracts.folding import body_keys

# どの問いも、いくつの言葉をいく通りに書いても、一度で尋ねる
COMMON = """
    select word, contracts_archive_is_common(key, grams::int[], %s)
    from unnest(%s::text[], %s::text[], %s::text[]) asked (word, key, grams)
"""
GATHERED = """
    select word, entry
    from unnest(%s::text[], %s::text[], %s::text[]) asked (word, key, grams),
         contracts_archive_inside(key, grams::int[]) entry
"""
# 同じ頁は、いくつの契約にあっても一度だけ読む。行の壁の下でも、番号でたどる一歩ずつは索引を使う
AMONG = """
    with document as materialized (
        select entry.id as entry_id, document.id
        from unnest(%s::bigint[]) given (id)
        join contracts_archiveentry entry on entry.id = given.id
        join contracts_documenttext document
          on document.tenant_id = entry.tenant_id and document.subject = entry.subject
    ), place as materialized (
        select document.entry_id, place.page_id
        from document join contracts_textplace place on place.document_id = document.id
    ), page as materialized (
        select page.id, asked.word
        from (select distinct page_id from place) said
        join contracts_pagetext page on page.id = said.page_id
        join unnest(%s::text[], %s::text[], %s::text[]) asked (word, key, grams) on strpos(page.key, asked.key) > 0
    )
    select page.word, place.entry_id from place join page on page.id = place.page_id
"""


def holding(word: str) -> Q:
    """Return the condition that a document of an entry holds a word, as it reads when folded, however it is written.

    The function looks through the index of pairs, which row security would not let a query use, and takes the
    municipality from the transaction. A word that is all signs is no condition.
    """
    found = Q()
    for key in body_keys(word):
        entries = RawSQL("select contracts_archive_inside(%s, %s::int[])", (key, grams.sought(key)))
        found |= Q(pk__in=entries)
    return found


def one_of(entries: Sequence[int]) -> Q:
    """Return the condition that an entry is one of those that were found before."""
    return Q(pk__in=RawSQL("select unnest(%s::bigint[])", (list(entries),)))


def common(words: Sequence[str], *, most: int) -> list[str]:
    """Return those of some words that stand in `most` places or more in one writing; it counts no further than that."""
    met = {word for word, is_common in _each(COMMON, words, most) if is_common}
    return [word for word in words if word in met]


def gathered(words: Sequence[str]) -> dict[str, list[int]]:
    """Return for each word all entries with a document that holds it, in no order."""
    return _entries(words, _each(GATHERED, words))


def among(words: Sequence[str], entries: Sequence[int]) -> dict[str, list[int]]:
    """Return for each word those of some entries that have a document that holds it, in no order."""
    return _entries(words, _each(AMONG, words, list(entries)))


def _entries(words: Sequence[str], found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    held: dict[str, set[int]] = {word: set() for word in words}
    for word, entry in found:
        held[word].add(entry)
    return {word: sorted(entries) for word, entries in held.items()}


def _each(statement: str, words: Sequence[str], *values: Any) -> list[tuple[str, Any]]:
    """Ask a statement about some words, however each may be written; what it finds begins with the word."""
    asked = [(word, key, grams.sought(key)) for word in words for key in body_keys(word)]
    if not asked:
        return []
    named, keys, sought = (list(column) for column in zip(*asked, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, (*values, named, keys, [f"{{{','.join(map(str, each))}}}" for each in sought]))
        found: list[tuple[str, Any]] = cursor.fetchall()
    return found
