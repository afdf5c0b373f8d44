"""How many guarantees came as electronic certificates: the usage table of the guarantors' guides (R97).

Pure: counted cells in, the lines of the table and of its chart out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from contracts.dates import fiscal_year, fiscal_year_text
from contracts.figures.usage import Line, month_text

BREAKDOWNS = {"department": "課", "type": "保証の種類", "year": "年度", "month": "月"}
# 棒の長さを表す目盛りの数
SCALE = 1000


@dataclass(frozen=True)
class Cell:
    """The guarantees of one type and department that were deposited in one month (its first day, JST)."""

    type: str
    department: str
    month: date
    count: int
    electronic: int


@dataclass(frozen=True)
class Bar:
    """One line as a bar on a scale of 1000, on which the longest line of the chart is full."""

    line: Line
    electronic: int
    on_paper: int


def lines(
    cells: Iterable[Cell], *, by: str, types: Mapping[str, str], starts: Mapping[str, date], whole: str
) -> tuple[list[Line], Line]:
    """Fold the cells into the lines of one of BREAKDOWNS, and into the line of the whole, labelled `whole`.

    `types` names the types that are shown, in their order; `starts` says since when the city takes each of them.
    """
    counted = list(cells)
    start = min((starts[key] for key in types if key in starts), default=None)
    key_of, labels = _breakdown(by, counted, types)
    shown = [_line(label, start, [cell for cell in counted if key_of(cell) == key]) for key, label in labels.items()]
    if by == "type":
        shown = [replace(line, start=starts.get(key)) for key, line in zip(types, shown, strict=True)]
    return shown, _line(whole, start, counted)


def bars(shown: Iterable[Line]) -> list[Bar]:
    """Draw the lines to one scale."""
    drawn = list(shown)
    longest = max((line.count for line in drawn), default=0) or 1
    return [Bar(line, line.electronic * SCALE // longest, line.on_paper * SCALE // longest) for line in drawn]


def _line(label: str, start: date | None, cells: list[Cell]) -> Line:
    return Line(label, start, sum(cell.count for cell in cells), sum(cell.electronic for cell in cells))


def _breakdown(by: str, cells: list[Cell], types: Mapping[str, str]) -> tuple[Callable[[Cell], Any], dict[Any, str]]:
    """Say by what the cells are told apart, and the labels of the lines in their order.

    Types without a guarantee are shown, and so are the years and months between.
    """
    match by:
        case "type":
            return lambda cell: cell.type, dict(types)
        case "year":
            years = [fiscal_year(cell.month) for cell in cells]
            spanned = range(min(years), max(years) + 1) if years else range(0)
            return lambda cell: fiscal_year(cell.month), {year: fiscal_year_text(year) for year in spanned}
        case "month":
            return lambda cell: cell.month, {month: month_text(month) for month in _months(cells)}
        case _:
            return lambda cell: cell.department, {name: name for name in sorted({cell.department for cell in cells})}


def _months(cells: list[Cell]) -> Iterator[date]:
    found = sorted({cell.month for cell in cells})
    month = found[0] if found else None
    while month is not None and month <= found[-1]:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
