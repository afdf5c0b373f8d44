"""Find firms of the register, however their names are spelled."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.actors import Actor
from contracts.folding import search_key
from contracts.models import Contractor

MOST_CANDIDATES = 20


class Standing(StrEnum):
    """Which entries of the register to list."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    VENTURE = "venture"


KEPT: dict[str, dict[str, bool]] = {
    Standing.ACTIVE: {"active": True},
    Standing.SUSPENDED: {"active": False},
    Standing.VENTURE: {"is_joint_venture": True},
}


@dataclass(frozen=True)
class Candidates:
    """A few firms to choose from, and whether there are more than are shown."""

    firms: list[Contractor]
    more: bool


def search(words: str, *, actor: Actor, standing: str = "") -> Any:
    """Find entries by name, branch or registration number; every word must match."""
    rows = Contractor.objects.visible_to(actor).filter(**KEPT.get(standing, {}))
    for word in words.split():
        rows = rows.filter(name_key__contains=search_key(word))
    return rows


def candidates(
    words: str, *, actor: Actor, chosen: Contractor | None = None, only_firms: bool = False, besides: Iterable[int] = ()
) -> Candidates:
    """Offer the firms that may be chosen: the one chosen already first, then those found, or all of a short register.

    With `only_firms` no joint ventures are offered; `besides` leaves firms out by their ids.
    """
    rows = search(words, actor=actor, standing=Standing.ACTIVE).exclude(pk__in=[*besides, chosen.pk if chosen else 0])
    if only_firms:
        rows = rows.filter(is_joint_venture=False)
    found = list(rows.order_by("name_key", "pk")[: MOST_CANDIDATES + 1])
    more = len(found) > MOST_CANDIDATES
    # 言葉のないまま長い名簿の初めだけを並べても、選びようがない。
    shown = [] if not words and (more or chosen) else found[:MOST_CANDIDATES]
    return Candidates([chosen, *shown] if chosen else shown, more)
