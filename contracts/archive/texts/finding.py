"""Ask which entries of the archive have documents that hold a word.

A word that stands in few places is gathered from the index of pairs. One that stands in most documents is looked for
in the documents of given entries, which takes as long as there are entries given.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from contracts.archive.texts import grams
from contracts.folding import body_keys

COMMON = "select contracts_archive_is_common(%s, %s::int[], %s)"
GATHERED = "select * from contracts_archive_inside(%s, %s::int[])"
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
        select page.id
        from (select distinct page_id from place) said join contracts_pagetext page on page.id = said.page_id
        where strpos(page.key, %s) > 0
    )
    select distinct place.entry_id from place join page on page.id = place.page_id
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


def is_common(word: str, *, most: int) -> bool:
    """Tell whether a word, however it is written, stands in `most` places or more; it stops counting there."""
    return any(any(_first(COMMON, key, grams.sought(key), most)) for key in body_keys(word))


def gathered(word: str) -> list[int]:
    """Return all entries with a document that holds a word, in no order."""
    return sorted({entry for key in body_keys(word) for entry in _first(GATHERED, key, grams.sought(key))})


def among(word: str, entries: Sequence[int]) -> list[int]:
    """Return those of some entries that have a document that holds a word, in no order."""
    return sorted({entry for key in body_keys(word) for entry in _first(AMONG, list(entries), key)})


def _first(statement: str, *values: Any) -> list[Any]:
    """Return the first column of what a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [value for (value,) in cursor.fetchall()]
