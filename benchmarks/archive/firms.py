"""二十万の取引先。番号が決まれば、名も決まる。"""

from functools import cache
from random import Random
from typing import NamedTuple

from benchmarks.archive.wording import LEGAL_FORMS, PLACES, SURNAMES, TRADE_NAMES, TRADES
from contracts.folding import search_key

FIRMS = 200_000
HEADS = SURNAMES + TRADE_NAMES + PLACES
FORMS, FORM_WEIGHTS = list(LEGAL_FORMS), list(LEGAL_FORMS.values())
WITH_A_PLACE = 0.55


class Firm(NamedTuple):
    """A counterparty as it writes itself, and as it is searched for."""

    name: str
    key: str


@cache
def firm(number: int) -> Firm:
    """Return the counterparty of a number from 0 up to FIRMS; several numbers may share a key, as in life."""
    chance = Random(number)
    place = chance.choice(PLACES) if chance.random() < WITH_A_PLACE else ""
    core = chance.choice(HEADS) + place + chance.choice(TRADES)
    name = chance.choices(FORMS, FORM_WEIGHTS)[0].format(core)
    return Firm(name, search_key(name))
