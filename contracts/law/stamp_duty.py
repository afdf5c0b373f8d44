"""印紙税: what a paper contract would have cost its contractor."""

from dataclasses import dataclass
from datetime import date

from contracts import law
from contracts.dates import wareki


@dataclass(frozen=True)
class Duty:
    """Whole yen, and why: the table and the bracket the amount fell into."""

    yen: int
    table: str
    bracket: str


def stamp_duty(*, kind: str, amount_without_tax: int | None, on: date) -> Duty:
    """Return the duty on one contract made on a day, whole yen without consumption tax, None for no stated amount.

    Raises ValueError for a negative amount and for a day before the tables begin.
    """
    table = _table(kind, on)
    if amount_without_tax is None:
        return _fixed("without_amount")
    if amount_without_tax < 0:
        raise ValueError("契約金額は0円以上でなければなりません。")
    bracket = next(row for row in table["brackets"] if amount_without_tax <= row.get("up_to", amount_without_tax))
    return Duty(bracket["yen"], table["name"], bracket["label"])


def saved(
    *, kind: str, amount_without_tax: int | None, on: date, before: int | None = None, important: bool = True
) -> Duty:
    """Return the duty spared by concluding electronically: one stamp, the contractor's.

    `before` is the amount without tax of the contract that this one changes, None for an original contract: the
    increase alone is taxed, a decrease or no change counts as no amount. `important` is False for a correction that
    touches no important matter. Raises as stamp_duty does.
    """
    if not important:
        _table(kind, on)
        return _fixed("unimportant")
    return stamp_duty(kind=kind, amount_without_tax=_taxed(amount_without_tax, before), on=on)


def _taxed(amount: int | None, before: int | None) -> int | None:
    if amount is None or before is None:
        return amount
    return amount - before if amount > before else None


def _table(kind: str, on: date) -> law.Entry:
    tables = law.in_force(law.read("stamp_duty")["tables"], on=on)
    if not tables:
        raise ValueError(f"{wareki(on)}の印紙税の税額表がありません。")
    return next(table for table in tables if kind in table.get("kinds", [kind]))


def _fixed(name: str) -> Duty:
    entry = law.read("stamp_duty")[name]
    return Duty(entry["yen"], entry["name"], entry["label"])
