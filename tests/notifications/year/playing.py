"""A year on fast forward: what happens to the lives, and the sweeps of the mornings, as a machine really runs them.

Some mornings are swept twice, some days never (the beat is down for three days), and the server moves to another
time zone now and then. What the sweeps wrote is read beside what the model says.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter

from accounts import tenancy
from notifications.models import Delivery, Reminder
from tests.notifications.year import closed, model
from tests.notifications.year.lives import JST, TOWNS, YEAR, Life, Span
from tests.notifications.year.rows import Event, Hall, Rows, act

Letter = tuple[int, date, str]
Letters = dict[Letter, frozenset[tuple[str, str, date]]]
Sweep = Callable[[Hall, date, datetime], object]
ZONES = ("Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati")
# 三日ずつ止まる。連休の前、年の瀬、うるう日を含む
DOWN = [date(2027, 4, 28), date(2027, 7, 14), date(2027, 10, 4), date(2027, 12, 27), date(2028, 2, 28)]


def mornings(span: Span, chance: random.Random) -> Iterator[datetime]:
    """Give the moments of all the sweeps of a span: once a day, or twice, or not at all; after a gap even at night."""
    silent = {first + timedelta(days=n) for first in DOWN for n in range(3)}
    back = {first + timedelta(days=3) for first in DOWN}
    day = span[0]
    while day <= span[1]:
        morning = datetime.combine(day, datetime.min.time(), JST) + timedelta(hours=8)
        if day in back:
            yield morning - timedelta(hours=5)
        if day not in silent and (closed.is_open(day) or chance.random() < 0.1):
            yield morning
            if chance.random() < 0.2:
                yield morning + chance.choice((timedelta(), timedelta(minutes=5), timedelta(hours=4)))
        day += closed.ONE


@dataclass
class Year:
    """The same year twice: as the model has it, and as the program wrote it."""

    lives: list[Life]
    halls: dict[int, Hall]
    sweep: Sweep
    span: Span = YEAR
    expected: dict[Letter, set[model.Told]] = field(default_factory=lambda: defaultdict(set))
    _told: set[tuple[int, model.Told]] = field(default_factory=set)

    def play(self, *, seed: int = 1) -> None:
        events = self.events()
        for number, moment in enumerate(mornings(self.span, random.Random(seed))):
            act(events, self.halls, until=moment)
            with server_in(ZONES[number // 20 % len(ZONES)]):
                self.morning(moment)

    def events(self) -> list[Event]:
        rows = [Rows(life, self.halls[life.town]) for life in self.lives]
        return sorted((event for row in rows for event in row.events()), key=itemgetter(0))

    def morning(self, moment: datetime) -> None:
        day = moment.date()
        for town, hall in self.halls.items():
            tenancy.set_tenant(hall.city.pk)
            self.sweep(hall, day, moment)
            self.expect(town, moment)

    def expect(self, town: int, moment: datetime) -> None:
        """Note what the model says is told now: each thing once, and nobody hears twice on a day."""
        served = {to for at, day, to in self.expected if (at, day) == (town, moment.date())}
        mine = [life for life in self.lives if life.town == town]
        for told in model.expected(mine, moment, town=town, towns=self.halls):
            if (town, told) not in self._told and told.to not in served:
                self._told.add((town, told))
                self.expected[town, moment.date(), told.to].add(told)

    @property
    def told(self) -> Letters:
        """Read what was told, in the words of the model."""
        found: dict[Letter, set[tuple[str, str, date]]] = {}
        for town, hall in self.halls.items():
            names = {about: name for name, about in hall.abouts.items()}
            tenancy.set_tenant(hall.city.pk)
            for key in Delivery.unscoped.filter(tenant=hall.city).values_list("key", flat=True):
                _morning, day, to = key.split(":", 2)
                found[town, date.fromisoformat(day), to] = set()
            for row in Reminder.unscoped.filter(tenant=hall.city).select_related("delivery"):
                _morning, day, to = row.delivery.key.split(":", 2)
                about = names.get(row.subject, row.subject)
                found[town, date.fromisoformat(day), to].add((row.rule, about, row.planned))
        return {letter: frozenset(items) for letter, items in found.items()}

    @property
    def wanted(self) -> Letters:
        return {letter: frozenset(told[:3] for told in items) for letter, items in self.expected.items()}


def differences(wanted: Letters, told: Letters, *, most: int = 20) -> list[str]:
    """Say where two years differ, the first days first."""
    lines = []
    for letter in sorted(wanted.keys() | told.keys(), key=lambda each: each[1:]):
        missing = wanted.get(letter, frozenset()) - told.get(letter, frozenset())
        extra = told.get(letter, frozenset()) - wanted.get(letter, frozenset())
        town, day, to = letter
        for sign, items in (("届かない", missing), ("余分", extra)):
            lines += [f"{day:%Y-%m-%d} {TOWNS[town].slug} {to} {sign}: {item}" for item in sorted(items)]
        if letter in told and letter not in wanted and not extra:
            lines.append(f"{day:%Y-%m-%d} {TOWNS[town].slug} {to} 中身のないメール")
    return lines[:most]


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """Put the server's clock into another time zone for a while."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
