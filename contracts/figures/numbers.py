"""The numbers themselves, which add up: those of a city are the sum of its departments', exactly."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from contracts.figures.usage import rate


@dataclass(frozen=True)
class Spread:
    """How many contracts took how many days: what can be added up, which a median cannot."""

    counts: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(Counter(self.counts) + Counter(other.counts))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def median(self) -> int | None:
        return self.within(50)

    @property
    def p90(self) -> int | None:
        return self.within(90)

    def within(self, percent: int) -> int | None:
        """Return the days within which at least that share was done (nearest rank); None of nothing."""
        seen, wanted = 0, self.total * percent
        for days in sorted(self.counts):
            seen += self.counts[days]
            if seen * 100 >= wanted:
                return days
        return None


@dataclass(frozen=True)
class Figures:
    """Contracts and changes concluded electronically, what stayed on paper that need not have, and what it brought.

    `refused` was on paper because a firm did not consent, `other` for any other reason; `stamps` is in whole yen.
    """

    contracts: int = 0
    amendments: int = 0
    refused: int = 0
    other: int = 0
    stamps: int = 0
    days: Spread = field(default_factory=Spread)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def on_paper(self) -> int:
        return self.refused + self.other

    @property
    def possible(self) -> int:
        """Count the contracts that could have been electronic by the city's rules."""
        return self.contracts + self.on_paper

    @property
    def rate(self) -> str:
        return rate(self.contracts, self.possible)
