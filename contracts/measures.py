"""What the electronic form gained: the stamp duty that fell away, and the days a conclusion took."""

from dataclasses import dataclass
from datetime import date

from contracts.law.stamp_duty import Duty, saved


@dataclass(frozen=True)
class Measures:
    """The measures of one concluded contract; no days when no tender was awarded before it."""

    duty: Duty
    days_to_conclude: int | None

    @property
    def stamp_duty_saved(self) -> int:
        """Whole yen."""
        return self.duty.yen


def measure(
    *,
    kind: str,
    amount_without_tax: int | None,
    fixed: date,
    awarded: date | None = None,
    before: int | None = None,
    important: bool = True,
) -> Measures:
    """Measure a contract fixed on a day in Japan; `before` and `important` are those of `stamp_duty.saved`."""
    duty = saved(kind=kind, amount_without_tax=amount_without_tax, on=fixed, before=before, important=important)
    return Measures(duty, days_to_conclude(awarded=awarded, fixed=fixed))


def days_to_conclude(*, awarded: date | None, fixed: date) -> int | None:
    """Count the days from 落札 to 締結, the first not counted (民法140条); None without an award by then."""
    return None if awarded is None or fixed < awarded else (fixed - awarded).days
