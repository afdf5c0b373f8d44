"""File names that say day, counterparty and amount, and that every system takes: 20260311_〇〇市_11000000.pdf."""

import unicodedata
from datetime import date

from contracts.streams.names import UNFIT

LONGEST = 120
# 目に見えない字（制御、書式、割り当てのない字など）
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def stem(*, day: date, party: str, amount: int, detail: str = "") -> str:
    """Name a file after its day, counterparty and amount in yen; `detail` tells several of one contract apart."""
    parts = (f"{day:%Y%m%d}", _fit(party), str(amount), _fit(detail))
    return "_".join(part for part in parts if part)


def _fit(text: str) -> str:
    seen = "".join(char for char in text if unicodedata.category(char) not in UNSEEN)
    return UNFIT.sub("-", " ".join(seen.split())).strip(" .")


class Names:
    """The names given in one folder: none twice, also where capital and small letters are the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, wanted: str, *, ending: str = ".pdf") -> str:
        """Return the name wanted, or that name with a number: at most LONGEST letters with its ending."""
        turn = 1
        while (key := _folded(name := _name(wanted, turn, ending))) in self._taken:
            turn += 1
        self._taken.add(key)
        return name


def _name(wanted: str, turn: int, ending: str) -> str:
    number = f"_{turn}" if turn > 1 else ""
    return wanted[: LONGEST - len(number) - len(ending)].rstrip(" .") + number + ending


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
