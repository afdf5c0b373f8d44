"""What a phrase was read as: chips in the order they were written, each with the words it came from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from contracts.dates import fiscal_year_text, wareki, yen

Bound = int | date | None


class Field(StrEnum):
    """The subjects a chip can narrow; the values are the words people see."""

    FISCAL_YEAR = "年度"
    DATE = "契約日"
    AMOUNT = "金額"
    KIND = "区分"
    DEPARTMENT = "部署"
    STATE = "状態"
    WHAT = "種類"
    NUMBER = "番号"
    PARTY = "取引先"
    TITLE = "件名"
    ORDER = "並び順"
    WORD = "語"


class Span(NamedTuple):
    """A range, both ends inside it; None leaves an end open. Yen, days in Japan, or the years fiscal years begin."""

    first: Bound
    last: Bound


@dataclass(frozen=True)
class Chip:
    """One condition: `text` are the words it was read from, `value` a Span, a code of the vocabulary, or plain text."""

    field: Field
    text: str
    value: Any

    @property
    def meaning(self) -> str:
        """Write the condition as it was understood, for people to check: 5,000,000円以上."""
        if not isinstance(self.value, Span):
            return self.value if self.field in SPOKEN else self.text
        first, last = (_shown(self.field, bound) for bound in self.value)
        if first == last:
            return first
        return (
            f"{first}から{last}まで" if first and last else (f"{first}{SINCE[self.field]}" if first else f"{last}まで")
        )


@dataclass(frozen=True)
class Phrase:
    """A phrase that was read."""

    chips: tuple[Chip, ...]

    def span(self, field: Field) -> Span:
        """Return what all chips of a range leave over together; both ends None when nothing was said."""
        spans = [chip.value for chip in self.chips if chip.field is field]
        firsts = [span.first for span in spans if span.first is not None]
        lasts = [span.last for span in spans if span.last is not None]
        return Span(max(firsts, default=None), min(lasts, default=None))

    def values(self, field: Field) -> tuple[Any, ...]:
        """Return the values of the chips of a field, as written."""
        return tuple(chip.value for chip in self.chips if chip.field is field)

    def without(self, chip: Chip) -> str:
        """Write the phrase again without one of its chips, for the address behind its ×."""
        return " ".join(other.text for other in self.chips if other is not chip)


SPOKEN = {Field.NUMBER, Field.PARTY, Field.TITLE, Field.WORD}
SINCE = {Field.AMOUNT: "以上", Field.DATE: "以降", Field.FISCAL_YEAR: "以降"}


def _shown(field: Field, bound: Any) -> str:
    if bound is None:
        return ""
    if field is Field.AMOUNT:
        return yen(bound)
    return wareki(bound) if field is Field.DATE else fiscal_year_text(bound)
