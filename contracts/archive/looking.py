"""Look once through the documents for the words of a question, and no further than a page of answers needs.

A page asks the same question in many ways: for its rows, its totals, its divisions. The words inside the documents are
looked for before that. Those that stand in most documents are looked for in the first entries that meet every other
condition; what is found is right, and there may be more.
"""

from dataclasses import replace
from typing import Any

from accounts.actors import Actor
from contracts.archive import paging
from contracts.archive.asking import Looked, Wanted
from contracts.archive.paging import NEWEST_FIRST, Order
from contracts.archive.searching import matching
from contracts.archive.texts import finding

MOST = 5_000


def look(wanted: Wanted, *, actor: Actor, order: Order = NEWEST_FIRST) -> Wanted:
    """Return the question with the entries whose documents hold its words, for totals and pages in that order.

    Rare words are found in all documents; common ones in those of the first MOST entries, and in all after all when
    these do not fill a page.
    """
    if not (wanted.inside and wanted.words):
        return wanted
    common = finding.common(wanted.words, most=MOST)
    rest = _looked(wanted, words=tuple(word for word in wanted.words if word not in common))
    if not common:
        return rest
    first = _ids(matching(rest, actor=actor), order=order, most=MOST + 1)
    held = {**rest.held, **finding.among(common, first[:MOST])}
    found = replace(rest, words=wanted.words, held=held, is_narrowed=True, is_cut=len(first) > MOST)
    if found.is_cut:
        met = matching(found, actor=actor).filter(finding.one_of(first[:MOST]))
        if len(_ids(met, order=order, most=paging.PAGE + 1)) <= paging.PAGE:
            return _looked(wanted, words=wanted.words)
    return found


def _looked(wanted: Wanted, *, words: tuple[str, ...]) -> Looked:
    return Looked(**{**vars(wanted), "words": words}, held=finding.gathered(words))


def _ids(rows: Any, *, order: Order, most: int) -> list[int]:
    return list(rows.order_by(*order.columns).values_list("id", flat=True)[:most])
