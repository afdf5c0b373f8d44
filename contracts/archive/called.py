"""Firms of the register by the reading of their names: the archive keeps names as they were written, without one."""

from dataclasses import replace

from accounts.actors import Actor
from accounts.kana import WRITTEN
from contracts.archive.asking import Wanted
from contracts.archive.entries import LONGEST
from contracts.folding import search_key
from contracts.models import Contractor

SHORTEST, MOST = 2, 50


def with_firms(wanted: Wanted, *, actor: Actor) -> Wanted:
    """Let the words of a question that are kana also mean the firms whose name, as the register says, is read so."""
    words = dict.fromkeys((*wanted.words, *wanted.parties))
    keys = {word: search_key(word) for word in words}
    readings = {word: key for word, key in keys.items() if len(key) >= SHORTEST and WRITTEN.fullmatch(key)}
    return replace(wanted, called=tuple(_called(readings, actor))) if readings else wanted


def _called(readings: dict[str, str], actor: Actor) -> list[tuple[str, str]]:
    return [(word, key) for word, reading in readings.items() for key in _keys(reading, actor)]


def _keys(reading: str, actor: Actor) -> list[str]:
    """Return the folded names, with and without the branch, of the first firms that are read so."""
    rows = Contractor.objects.visible_to(actor).filter(name_key__contains=reading).exclude(name_kana="")
    firms = rows.order_by("name_key", "pk")[:MOST]
    return list(dict.fromkeys(search_key(name)[:LONGEST] for firm in firms for name in (firm.name, firm.full_name)))
