"""The changed items of the front sheet (頭書): amounts, days, terms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from contracts.comparison.runs import Run, difference
from contracts.comparison.sides import Side
from contracts.dates import wareki, yen

NOTHING = "（定めなし）"


@dataclass(frozen=True)
class Item:
    """One changed item; runs where both sides have words to compare."""

    label: str
    before: str
    after: str
    note: str = ""
    runs: tuple[Run, ...] = ()


def compare_items(before: Side, after: Side) -> Iterator[Item]:
    """Give the items that differ."""
    yield from _amounts("契約金額（税込）", before.amount, after.amount)
    yield from _amounts("うち消費税及び地方消費税の額", before.tax, after.tax)
    yield from _days("工期（履行期間）の始まり", before.work_starts, after.work_starts, ("繰下げ", "繰上げ"))
    yield from _days("工期（履行期間）の終わり", before.work_ends, after.work_ends, ("延長", "短縮"))
    yield from _days("契約締結日", before.contract_date, after.contract_date, otherwise="最後の電子署名の日")
    yield from _texts("約款", before.clause_set, after.clause_set)
    for label in {**before.terms, **after.terms}:
        yield from _texts(label, before.terms.get(label, ""), after.terms.get(label, ""))


def _amounts(label: str, before: int, after: int) -> Iterator[Item]:
    if before != after:
        yield Item(label, yen(before), yen(after), _money_note(before, after))


def _money_note(before: int, after: int) -> str:
    """Write 「＋1,100,000円（10.0％増）」."""
    sign, word = ("＋", "増") if after > before else ("－", "減")
    change = abs(after - before)
    if before <= 0:
        return f"{sign}{yen(change)}"
    percent = (Decimal(change * 100) / before).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{sign}{yen(change)}（{percent}％{word}）"


def _days(
    label: str, before: date | None, after: date | None, moved: tuple[str, str] | None = None, otherwise: str = NOTHING
) -> Iterator[Item]:
    if before == after:
        return
    note = ""
    if before and after and moved:
        days = (after - before).days
        note = f"{abs(days)}日{moved[0] if days > 0 else moved[1]}"
    yield Item(label, wareki(before) if before else otherwise, wareki(after) if after else otherwise, note)


def _texts(label: str, before: str, after: str) -> Iterator[Item]:
    if before != after:
        runs = difference(before, after).runs if before and after else ()
        note = "" if runs else "追加" if after else "削除"
        yield Item(label, before or NOTHING, after or NOTHING, note, runs)
