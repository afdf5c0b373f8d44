"""From the phrase of the one box to the question asked of the archive, alone or together with ticked conditions."""

from dataclasses import fields
from datetime import date
from typing import Any

from contracts.archive.asking import Wanted
from contracts.archive.paging import NEWEST_FIRST, Order, read_order
from contracts.phrases import Field, Phrase
from contracts.phrases.chips import Span


def wanted_by(phrase: Phrase) -> Wanted:
    """Ask for what a phrase says: of several whole years any will do, while ranges narrow each other."""
    years = phrase.values(Field.FISCAL_YEAR)
    whole = tuple(span.first for span in years if span.first == span.last)
    since, until = _narrowed([span for span in years if span.first != span.last])
    days, yen = phrase.span(Field.DATE), phrase.span(Field.AMOUNT)
    return Wanted(
        first_date=days.first if isinstance(days.first, date) else None,
        last_date=days.last if isinstance(days.last, date) else None,
        first_year=since,
        last_year=until,
        least_amount=yen.first if isinstance(yen.first, int) else None,
        most_amount=yen.last if isinstance(yen.last, int) else None,
        parties=phrase.values(Field.PARTY),
        titles=phrase.values(Field.TITLE),
        numbers=phrase.values(Field.NUMBER),
        words=phrase.values(Field.WORD),
        whats=phrase.values(Field.WHAT),
        states=phrase.values(Field.STATE),
        kinds=phrase.values(Field.KIND),
        departments=phrase.values(Field.DEPARTMENT),
        fiscal_years=whole,
    )


def order_by(phrase: Phrase) -> Order:
    """Return the order a phrase asks for, the last one said; the newest first when it says none."""
    said = phrase.values(Field.ORDER)
    return read_order(said[-1]) if said else NEWEST_FIRST


def together(first: Wanted, second: Wanted) -> Wanted:
    """Ask both questions as one: ranges narrow each other, and choices stand side by side."""
    both = {one.name: (getattr(first, one.name), getattr(second, one.name)) for one in fields(Wanted)}
    return Wanted(**{name: _both(name, *values) for name, values in both.items()})


def _both(name: str, one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(dict.fromkeys(one + other))
    if isinstance(one, bool):
        return one or other
    said = [value for value in (one, other) if value is not None]
    if not said:
        return None
    return max(said) if name.startswith(("first", "least")) else min(said)


def _narrowed(years: list[Span]) -> tuple[int | None, int | None]:
    firsts = [span.first for span in years if isinstance(span.first, int)]
    lasts = [span.last for span in years if isinstance(span.last, int)]
    return max(firsts, default=None), min(lasts, default=None)
