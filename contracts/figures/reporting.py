"""The table of the figures: its lines, its columns, and how it is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add

from accounts.actors import Actor
from contracts import hooks
from contracts.dates import fiscal_year_text
from contracts.figures.counting import Span, count
from contracts.figures.numbers import Figures
from contracts.figures.usage import NO_RATE, Line
from contracts.streams import sheets
from contracts.streams.cells import Cell

COLUMNS = (
    *("電子で締結した契約", "紙（承諾なし）", "紙（そのほか）", "電子契約率", "変更契約・訂正合意"),
    *("落札から締結までの日数（中央値）", "同（9割がこの日数まで）", "節約した印紙税（円）"),
    *("電子保証の運用開始時期", "保証件数", "うち、電子保証利用件数", "電子保証利用率"),
)


@dataclass(frozen=True)
class Row:
    """One line: a department of a city, or a city."""

    label: str
    figures: Figures
    usage: Line

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Give the cells under COLUMNS."""
        made, used = self.figures, self.usage
        return (
            *(made.contracts, made.refused, made.other, made.rate, made.amendments),
            *(made.days.median, made.days.p90, made.stamps),
            *(used.start_text, used.count, used.electronic, used.rate),
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the cells as people read them: 1,234, and — for what there is none of."""
        return tuple(f"{cell:,}" if isinstance(cell, int) else str(cell or NO_RATE) for cell in self.cells)


@dataclass(frozen=True)
class Report:
    """A fiscal year: `of` names what the lines are about, the total is their sum."""

    year: int
    of: str
    rows: list[Row]
    total: Row

    @property
    def year_text(self) -> str:
        return fiscal_year_text(self.year)

    @property
    def is_empty(self) -> bool:
        made, used = self.total.figures, self.total.usage
        return not (made.possible or made.amendments or used.count)


def report(year: int, *, actor: Actor) -> Report:
    """Make the figures of the actor's city in a fiscal year, by department."""
    span = Span(year)
    counted = count(span, actor=actor)
    lines, whole = _usage(span, actor)
    used = {line.label: line for line in lines}
    names = sorted({*counted, *used})
    rows = [Row(name, counted.get(name, Figures()), used.get(name, Line(name, whole.start, 0, 0))) for name in names]
    return Report(year, "課", rows, Row(actor.organization_name, summed(rows), whole))


def summed(rows: Iterable[Row]) -> Figures:
    """Add the figures of some lines up."""
    return reduce(add, (row.figures for row in rows), Figures())


def _usage(span: Span, actor: Actor) -> tuple[list[Line], Line]:
    """Ask the app above for the guarantees; none where there is no such app."""
    for ask in hooks.guarantee_usage:
        return ask(actor, span.first, span.last)
    return [], Line(actor.organization_name, None, 0, 0)


def write(found: Report) -> Iterator[bytes]:
    """Write the table as CSV, its last line the whole; numbers plain, rates as on the page."""
    rows = ((row.label, *row.cells) for row in [*found.rows, found.total])
    return sheets.utf8((found.of, *COLUMNS), rows)
