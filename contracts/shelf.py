"""What is kept for how long, as the pages about it show it: fiscal years of due terms, and the lists behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from accounts.actors import Actor
from contracts.models import Custody, LegalHold

OF_CUSTODY = ("case__contractor", "foreign", "tenant")


@dataclass(frozen=True)
class Year:
    """A fiscal year in which terms end: how many, how many of them are held, and whether some are over already."""

    number: int
    count: int
    held: int


@dataclass(frozen=True)
class Tab:
    """One of the lists: its key in the address, its label, and how many it holds."""

    key: str
    label: str
    count: int


def _over(today: date) -> Q:
    return Q(disposed_at__isnull=True, ends_date__lt=today)


def _waiting(today: date) -> Q:
    ended = Q(case__work_ends_date__lt=today) | Q(foreign__isnull=False)
    return Q(disposed_at__isnull=True, completed_date__isnull=True) & ended


# 一覧の名: 呼び名と、その日に何がそこにあるか
LISTS: dict[str, tuple[str, Callable[[date], Q]]] = {
    "over": ("期間の終わったもの", _over),
    "waiting": ("完了の登録待ち", _waiting),
    "held": ("保留中", lambda _today: Q(disposed_at__isnull=True, is_held=True)),
    "permanent": ("永年", lambda _today: Q(disposed_at__isnull=True, period="permanent")),
    "disposed": ("廃棄済", lambda _today: Q(disposed_at__isnull=False)),
}


def custodies(actor: Actor) -> Any:
    """Query what the asker's city keeps, each with whether it is held."""
    held = Exists(LegalHold.unscoped.filter(custody=OuterRef("pk"), released_at__isnull=True))
    return Custody.objects.visible_to(actor).annotate(is_held=held)


def years(actor: Actor) -> list[Year]:
    """Count the terms that end in each fiscal year, of what is not disposed of, in one query."""
    rows = custodies(actor).filter(disposed_at__isnull=True, due_year__isnull=False)
    counted = rows.values("due_year").annotate(n=Count("pk"), held=Count("pk", filter=Q(is_held=True)))
    return [Year(row["due_year"], row["n"], row["held"]) for row in counted.order_by("due_year")]


def tabs(actor: Actor, *, today: date) -> list[Tab]:
    """Count each list, in one query."""
    counts = custodies(actor).aggregate(**{key: Count("pk", filter=of(today)) for key, (_, of) in LISTS.items()})
    return [Tab(key, label, counts[key]) for key, (label, _) in LISTS.items()]


def listed(actor: Actor, *, show: str, year: int | None, today: date) -> Any:
    """Query one list, what is due first first: a fiscal year's, or a named one."""
    rows = custodies(actor).select_related(*OF_CUSTODY)
    if year is not None:
        return rows.filter(disposed_at__isnull=True, due_year=year).order_by("ends_date", "pk")
    return rows.filter(LISTS[show][1](today)).order_by("ends_date", "pk")
