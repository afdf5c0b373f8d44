"""測ったものを、並べて見せる。"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Timing

OURS, TUNED, PLAIN, FLOOR = WAYS = ("むすび", "pyHanko 調整済", "pyHanko 既定", "下限")
CELL = 16


@dataclass(frozen=True)
class Row:
    """One kind of work, what it should cost, and what it cost each way."""

    title: str
    goal: str
    ways: Mapping[str, Timing]


@dataclass(frozen=True)
class Fact:
    """One figure that is no timing of a single piece of work."""

    title: str
    goal: str
    found: str


def timed(rows: Sequence[Row]) -> str:
    """Lay the timings out: milliseconds of CPU, those of the clock in brackets, and the ratios of the CPU."""
    head = "".join(_right(each, CELL) for each in (*WAYS, "既定÷むすび", "むすび÷下限"))
    return "\n".join([head, *map(_line, rows)])


def _line(row: Row) -> str:
    cells = [f"{each.cpu_ms:.1f} ({each.wall_ms:.0f})" if (each := row.ways.get(way)) else "–" for way in WAYS]
    cells += [_ratio(row, PLAIN, OURS), _ratio(row, OURS, FLOOR)]
    goal = f"（目標 {row.goal}）" if row.goal else ""
    return "".join(_right(each, CELL) for each in cells) + f"  {row.title}{goal}"


def _ratio(row: Row, one: str, other: str) -> str:
    if one not in row.ways or other not in row.ways or not row.ways[other].cpu_ms:
        return "–"
    return f"{row.ways[one].cpu_ms / row.ways[other].cpu_ms:.1f}"


def _right(text: str, width: int) -> str:
    taken = sum(2 if unicodedata.east_asian_width(each) in "FW" else 1 for each in text)
    return " " * (width - taken) + text


def facts(found: Sequence[Fact]) -> str:
    """Lay the other figures out."""
    return "\n".join(f"{each.title}: {each.found}" + (f"（目標 {each.goal}）" if each.goal else "") for each in found)
