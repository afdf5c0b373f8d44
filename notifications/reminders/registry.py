"""What may be reminded of, and in which digest: the apps above fill in their sources and the two kinds of mail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from accounts.models import Organization
from notifications.reminders.planning import Shift, Span


@dataclass(frozen=True)
class Asking:
    """What a source is asked: the planned days of a span, for whoever holds the roles on a day (JST).

    `only` narrows it to some subjects ("step:12"); None asks for all.
    """

    city: Organization
    on: date
    planned: Span
    only: frozenset[str] | None = None

    def among(self, kind: str) -> list[str] | None:
        """List the keys of one kind of subject that are asked about; None for all."""
        if self.only is None:
            return None
        return [key for name, _, key in (each.partition(":") for each in self.only) if name == kind]


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that one address is to be told on the mornings of some planned days, while its reason holds.

    `until` is the moment at which the reason is gone by itself. `line` names the rule of the city that it follows,
    `why` says the reason to the reader; `by` is the day by which the digest is sorted, and that it names where it has a
    label ("契約締結期限"); `thread` is the story it belongs to ("case:12").
    """

    rule: str
    subject: str
    planned: Sequence[date]
    shift: Shift
    to: str
    name: str
    digest: str
    heading: str
    why: str
    line: str
    thread: str = ""
    url: str = ""
    by: date | None = None
    by_label: str = ""
    until: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.subject, self.to

    def holds(self, *, at: datetime) -> bool:
        """Tell whether the reason has not gone by itself at a moment."""
        return self.until is None or at < self.until


@dataclass(frozen=True)
class Source:
    """A function that finds what is to be told, in a few queries for a whole city; its rules with their names."""

    rules: Mapping[str, str]
    find: Callable[[Asking], Iterable[Item]]


@dataclass(frozen=True)
class Way:
    """The link of one digest, and what the mail says of it."""

    link: str
    words: Mapping[str, str] = field(default_factory=dict)


class Says(Protocol):
    """Write what a digest says of its items on a day (JST)."""

    def __call__(self, city: Organization, /, *, items: Sequence[Item], on: date) -> dict[str, Any]: ...


class Leads(Protocol):
    """Make the way in for each address, given the items of each."""

    def __call__(
        self, city: Organization, /, *, letters: Mapping[str, Sequence[Item]], at: datetime
    ) -> Mapping[str, Way]: ...


@dataclass(frozen=True)
class Digest:
    """One kind of morning mail: what it says of its items, and its links, made at once for all addresses."""

    template: str
    context: Says
    ways: Leads


sources: list[Source] = []
digests: dict[str, Digest] = {}


def register(source: Source) -> None:
    """Add what an app can remind of."""
    sources.append(source)


def label(rule: str) -> str:
    """Name a rule for people."""
    return next((source.rules[rule] for source in sources if rule in source.rules), rule)


def find(asking: Asking) -> Iterable[Item]:
    """Ask every source; the same thing for the same address counts once."""
    seen: set[tuple[str, str, str]] = set()
    for source in sources:
        for item in source.find(asking):
            if item.planned and item.key not in seen:
                seen.add(item.key)
                yield item
