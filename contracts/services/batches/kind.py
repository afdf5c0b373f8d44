"""What a deed that can be asked for many times at once consists of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models import Q as Query

from accounts.actors import Actor
from contracts.models import BatchKind, Case, Deed, Document

MOST = 100


@dataclass(frozen=True)
class Told:
    """One row as its page tells it before the button: about what, and what stands against it ("" for nothing).

    `seen` is the number of the edit that is shown, of a row that people edit; what was not shown is not done.
    """

    target: int
    case: Case
    label: str
    amount: int
    notes: Sequence[str] = ()
    documents: Sequence[Document] = ()
    obstacle: str = ""
    seen: int | None = None


def anyone(_actor: Actor, _at: datetime) -> bool:
    """Offer a deed to everybody who may ask for it."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of deed, done through its own service: every rule of the single deed holds for each row.

    `rows` are those to which this person could do it at a moment, `case` is the way from one to its case, `tell` says
    what is known of some of them with no question for each. `do` does it to the row of a deed that was asked for, and
    says in a sentence what was done; it raises the refusals of the single deed. `offered` tells of someone who may ask
    for it whether it is worth a button at a moment.
    """

    name: BatchKind
    may: Callable[[Actor], bool]
    rows: Callable[[Actor, datetime], Any]
    case: str
    tell: Callable[[Sequence[Any], Actor, datetime], list[Told]]
    do: Callable[[Deed, Actor, datetime], str]
    effect: str
    lacking: str
    asks_code: bool = False
    offered: Callable[[Actor, datetime], bool] = anyone

    def among(self, actor: Actor, *, at: datetime, cases: Sequence[int] = (), targets: Sequence[int] = ()) -> Any:
        """Query the rows of some cases, or some rows, or all that there are; the nearest deadline first."""
        rows, prefix = self.rows(actor, at), f"{self.case}__" if self.case else ""
        if cases or targets:
            rows = rows.filter(Query(pk__in=targets) | Query(**{f"{prefix}pk__in": cases}))
        return rows.order_by(F(f"{prefix}conclusion_deadline_date").asc(nulls_last=True), "pk")
