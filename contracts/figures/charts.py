"""The bars of the figures: lengths on one scale, each said in words as well."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.figures.reporting import Report, Row

SCALE = 1000
Measured = tuple[int, int, str]


@dataclass(frozen=True)
class Bar:
    """One line as a bar: the filled length, the outlined one after it, and both in words."""

    label: str
    full: int
    pale: int
    said: str

    @property
    def end(self) -> int:
        return self.full + self.pale


@dataclass(frozen=True)
class Chart:
    """Bars to one scale; `pale_key` is empty where nothing is outlined."""

    key: str
    title: str
    full_key: str
    pale_key: str
    bars: list[Bar]


def charts(found: Report) -> list[Chart]:
    """Draw what there is to draw of a report."""
    drawn = [
        _chart("rate", "電子契約率", "電子契約", "紙の契約（電子にできたもの）", found, _rate),
        _chart("days", "落札から締結までの日数", "半数がこの日数まで", "9割がこの日数まで", found, _days),
        _chart("stamps", "節約した印紙税", "節約した印紙税", "", found, _stamps),
        _chart("usage", "電子保証の利用", "電子証書", "紙", found, _usage),
    ]
    return [chart for chart in drawn if chart.bars]


def _chart(
    key: str, title: str, full_key: str, pale_key: str, found: Report, measure: Callable[[Row], Measured]
) -> Chart:
    measured = [(row.label, *measure(row)) for row in found.rows]
    longest = max((full + pale for _, full, pale, _ in measured), default=0)
    bars = [
        Bar(label, full * SCALE // longest, pale * SCALE // longest, said)
        for label, full, pale, said in measured
        if longest and said
    ]
    return Chart(key, f"{found.of}ごとの{title}", full_key, pale_key, bars)


def _rate(row: Row) -> Measured:
    made = row.figures
    said = f"{made.rate}（{made.possible:,}件のうち{made.contracts:,}件）" if made.possible else ""
    return made.contracts, made.on_paper, said


def _days(row: Row) -> Measured:
    median, p90 = row.figures.days.median, row.figures.days.p90
    if median is None or p90 is None:
        return 0, 0, ""
    return median, p90 - median, f"中央値{median}日、9割が{p90}日まで"


def _stamps(row: Row) -> Measured:
    return row.figures.stamps, 0, f"{row.figures.stamps:,}円" if row.figures.stamps else ""


def _usage(row: Row) -> Measured:
    used = row.usage
    said = f"{used.rate}（{used.count:,}件のうち{used.electronic:,}件）" if used.count else ""
    return used.electronic, used.on_paper, said
