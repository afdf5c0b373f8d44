"""Questions that stand in an address: what of it asks something, in the order of the form, and each condition of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import QueryDict

PLACES = ("after", "before")


@dataclass(frozen=True)
class Condition:
    """One condition as it was understood, and the address without it."""

    subject: str
    text: str
    href: str


def tidied(params: QueryDict, *, names: Sequence[str], several: Collection[str] = ()) -> QueryDict:
    """Keep of an address what asks something, each once and in the order of the names; last its place."""
    query = QueryDict(mutable=True)
    for name in (*names, *PLACES):
        said = dict.fromkeys(value.strip() for value in params.getlist(name))
        if values := [value for value in said if value]:
            query.setlist(name, values if name in several else values[-1:])
    return query


def without_place(query: QueryDict) -> QueryDict:
    """The question of an address, from its first page."""
    question = query.copy()
    for name in PLACES:
        question.pop(name, None)
    return question
