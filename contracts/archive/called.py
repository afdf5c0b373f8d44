"""Firms of the register by the reading of their names: the archive keeps names as they were written, without one."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import CharField, Value

from accounts.actors import Actor
from accounts.kana import WRITTEN
from contracts.archive.asking import Wanted
from contracts.archive.entries import LONGEST
from contracts.folding import search_key
from contracts.models import Contractor

SHORTEST, MOST = 2, 50


@dataclass
class Readings:
    """What the register of the asker's city knows of readings; what was asked once is not asked again."""

    asker: Actor
    known: dict[str, list[str]] = field(default_factory=dict)

    def into(self, wanted: Wanted) -> Wanted:
        """Let the words of a question that are kana also mean the firms whose name is read so."""
        keys = {word: search_key(word) for word in dict.fromkeys((*wanted.words, *wanted.parties))}
        readings = {word: key for word, key in keys.items() if len(key) >= SHORTEST and WRITTEN.fullmatch(key)}
        self._learn(readings.values())
        called = tuple((word, key) for word, reading in readings.items() for key in self.known[reading])
        return replace(wanted, called=called) if called else wanted

    def _learn(self, readings: Iterable[str]) -> None:
        """Ask the register, in one question, for the folded names of the first firms that are read so."""
        new = [reading for reading in dict.fromkeys(readings) if reading not in self.known]
        if not new:
            return
        found: dict[str, dict[str, None]] = {reading: {} for reading in new}
        first, *others = (self._firms(reading) for reading in new)
        for reading, _pk, name, branch in first.union(*others, all=True):
            firm = Contractor(name=name, branch=branch)
            found[reading] |= dict.fromkeys(search_key(each)[:LONGEST] for each in (firm.name, firm.full_name))
        self.known |= {reading: list(keys) for reading, keys in found.items()}

    def _firms(self, reading: str) -> Any:
        rows = Contractor.objects.visible_to(self.asker).filter(name_key__contains=reading).exclude(name_kana="")
        asked = rows.annotate(reading=Value(reading, output_field=CharField()))
        return asked.order_by("name_key", "pk").values_list("reading", "pk", "name", "branch")[:MOST]
