"""Pages by key: the next page starts after a row, not after a count, so that it costs the same at any depth."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.http import QueryDict

from accounts.actors import Actor

PAGE = 50
LONGEST_ID = 18


@dataclass(frozen=True)
class Slice:
    """One page of rows, and the id of its last row where more follow."""

    rows: list[Any]
    following: int | None


def following(rows: Any, *, by: str, actor: Actor, after: str, newest_first: bool = False, size: int = PAGE) -> Slice:
    """Take the page of rows, ordered by a column and the id, that follows the row whose id is `after` ("" for none).

    An id that is none of this person's rows starts from the first page again.
    """
    place = _place(rows.model, by=by, actor=actor, after=after)
    if place is not None:
        beyond = TupleLessThan if newest_first else TupleGreaterThan
        rows = rows.filter(beyond((F(by), F("id")), place))
    order = [f"-{by}", "-id"] if newest_first else [by, "id"]
    found = list(rows.order_by(*order)[: size + 1])
    return Slice(found[:size], found[size - 1].pk if len(found) > size else None)


def _place(model: Any, *, by: str, actor: Actor, after: str) -> tuple[Any, ...] | None:
    if not (after.isascii() and after.isdecimal() and len(after) <= LONGEST_ID):
        return None
    place: tuple[Any, ...] | None = model.objects.visible_to(actor).filter(pk=int(after)).values_list(by, "id").first()
    return place


def next_address(asked: QueryDict, found: Slice) -> str:
    """Write the address of the next page, with every condition of this one; empty on the last page."""
    if found.following is None:
        return ""
    query = asked.copy()
    query["after"] = str(found.following)
    return f"?{query.urlencode()}"
