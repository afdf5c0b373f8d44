"""測ったものを、目標の表の順に並べる。"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.archive.timing import Taken, percentile

WIDTHS = (38, 16, 16, 18, 10, 12, 6)
HEADING = ("項目（p50 / p95、ミリ秒）", "むすび: SQL", "むすび: 全体", "ILIKE・OFFSET", "比 (p95)", "目標 (p95)", "")


@dataclass(frozen=True)
class Figure:
    """One line: percentiles 50 and 95 of ours in SQL and as a whole, of the plain way; in milliseconds."""

    title: str
    questions: int
    sql: tuple[float, float]
    whole: tuple[float, float]
    plain: tuple[float, float] | None
    goal: float

    @property
    def ratio(self) -> float | None:
        return round(self.plain[1] / self.sql[1], 1) if self.plain else None

    @property
    def reached(self) -> bool:
        return self.sql[1] <= self.goal


@dataclass(frozen=True)
class Fact:
    """One figure that is no timing of a question; None where the goal is for another size than was measured."""

    title: str
    found: str
    goal: str
    reached: bool | None


def figure(title: str, ours: Taken, plain: Taken | None, *, goal: float) -> Figure:
    """Sum up what was taken."""
    return Figure(
        title=title,
        questions=len(ours.sql),
        sql=_both(ours.sql),
        whole=_both(ours.whole),
        plain=_both(plain.sql) if plain is not None and plain.sql else None,
        goal=goal,
    )


def _both(taken: Sequence[float]) -> tuple[float, float]:
    return percentile(taken, 0.5), percentile(taken, 0.95)


def heading() -> str:
    """Head the columns."""
    return cells(HEADING, WIDTHS)


def line(each: Figure | Fact) -> str:
    """Tell one line."""
    if isinstance(each, Fact):
        return f"{each.title}: {each.found}（目標 {each.goal}）{_mark(each)}"
    plain = "–" if each.plain is None else _pair(each.plain)
    ratio = "–" if each.ratio is None else f"{each.ratio:,}"
    told = (each.title, _pair(each.sql), _pair(each.whole), plain, ratio, f"{each.goal:g}", _mark(each))
    return cells(told, WIDTHS)


def cells(texts: Sequence[str], widths: Sequence[int]) -> str:
    """Set texts into columns of so many half widths, each to the right."""
    return "".join(map(_right, texts, widths))


def _pair(both: tuple[float, float]) -> str:
    return f"{both[0]:,.1f} / {both[1]:,.1f}"


def _mark(line: Figure | Fact) -> str:
    return {True: "達成", False: "未達", None: ""}[line.reached]


def _right(text: str, width: int) -> str:
    taken = sum(2 if unicodedata.east_asian_width(each) in "FW" else 1 for each in text)
    return " " * (width - taken) + text
