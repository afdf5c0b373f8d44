"""A line of the usage table of electronic guarantees, as the guarantors' guides print it (R97), and its rates."""

from dataclasses import dataclass
from datetime import date

NO_RATE = "—"


def rate(part: int, whole: int) -> str:
    """Write a share to a tenth of a percent, halves up: 83.1%; — of nothing."""
    if not whole:
        return NO_RATE
    percent, tenth = divmod((part * 2000 + whole) // (whole * 2), 10)
    return f"{percent}.{tenth}%"


def month_text(month: date) -> str:
    """Write a month as the table of the guides does, 「2024年5月」."""
    return f"{month.year}年{month.month}月"


@dataclass(frozen=True)
class Line:
    """One line of the table: since when, how many guarantees, and how many of them electronic."""

    label: str
    start: date | None
    count: int
    electronic: int

    @property
    def rate(self) -> str:
        return rate(self.electronic, self.count)

    @property
    def start_text(self) -> str:
        return month_text(self.start) if self.start else ""

    @property
    def on_paper(self) -> int:
        return self.count - self.electronic
