"""ふつうの道: 書いてあるままの件名と取引先を ILIKE で探し、OFFSET でめくる。団体の条件は WHERE に書く。

同じ表を、行の壁のない役割で読む。索引は、同じものが使える。
"""

from typing import Any

from django.db import connections

from benchmarks.archive.loading import TABLE, tenant_of
from benchmarks.archive.questions import Question
from contracts.archive.paging import PAGE

COLUMNS = "id, concluded_date, title, party, amount"
ORDER = "order by concluded_date desc, id desc"
TOTALS = "count(*), sum(amount)"


def page(question: Question) -> list[int]:
    """Find one page, `depth` rows deep."""
    return [row[0] for row in _ask(COLUMNS, question, f"{ORDER} limit {PAGE} offset {question.depth}")]


def total(question: Question) -> tuple[int, int]:
    """Count and sum."""
    ((count, amount),) = _ask(TOTALS, question)
    return count, int(amount or 0)


def place(question: Question) -> tuple[Any, int]:
    """Return the place (day, id) of the row that is `depth` rows deep; raises LookupError where there is none."""
    rows = _ask("concluded_date, id", question, f"{ORDER} limit 1 offset {question.depth}")
    if not rows:
        raise LookupError(question.depth)
    return rows[0]


def _ask(columns: str, question: Question, rest: str = "") -> list[tuple[Any, ...]]:
    condition, values = _where(question)
    with connections["ops"].cursor() as cursor:
        cursor.execute(f"select {columns} from {TABLE} where {condition} {rest}", values)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _where(question: Question) -> tuple[str, list[Any]]:
    asked: list[tuple[str, Any]] = [("tenant_id = %s", None if question.town is None else tenant_of(question.town))]
    asked += [("title ilike %s", f"%{word}%") for word in question.words.split()]
    asked += [("party ilike %s", f"%{question.party}%" if question.party else None)]
    asked += [("concluded_date >= %s", question.first), ("concluded_date <= %s", question.last)]
    asked += [("amount >= %s", question.least), ("amount <= %s", question.most)]
    given = [(condition, value) for condition, value in asked if value is not None]
    return " and ".join(["is_current", *(condition for condition, _ in given)]), [value for _, value in given]
