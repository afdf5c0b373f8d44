"""The board: a column for each standing with its count, its sum and the first of its cases."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q

from accounts import written
from accounts.actors import Actor
from contracts.listing.matching import told
from contracts.listing.standings import Standing, standing
from contracts.models import Archived, ArchiveEntry, Case
from contracts.states import OPEN_CASES, CaseState

CARDS = 20
# 締結したばかりの案件を、しばらく右端に残す
LATELY = timedelta(days=30)
# いつも見せる列。ほかは、案件があるときだけ
FLOW = (Standing.ASKING, Standing.DRAFTING, Standing.APPROVING, Standing.SIGNING, Standing.SEALING, Standing.CONCLUDED)
# 列は一度だけ求め、その上で数え、足し、並べる
FIRST = """
    select its_case, stands, many, total
    from (
        select its_case, stands,
            row_number() over (partition by stands order by due_by nulls last, its_case) as nth,
            count(*) over (partition by stands) as many,
            sum(of_amount) over (partition by stands) as total
        from ({placed}) as placed
    ) as numbered
    where nth <= %s
    order by stands, nth
"""
SUMS = "select stands, count(*), sum(of_amount) from ({asked}) as placed group by stands"


@dataclass
class Lane:
    """One column: how many cases stand there, what they come to (whole yen, tax included), and the nearest of them."""

    standing: Standing
    count: int = 0
    amount: int = 0
    cards: list[Any] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def board(rows: Any, *, actor: Actor, today: date, is_narrowed: bool) -> list[Lane]:
    """Lay cases out in columns in two queries, whatever their number, the nearest deadline first.

    Unless they are narrowed to a standing, those under way and those concluded in the last 30 days are laid out.
    """
    found = _first(rows if is_narrowed else _current(rows, actor, today), actor)
    lanes = {} if is_narrowed else {each: Lane(each) for each in FLOW}
    shown = told(rows.model.objects.visible_to(actor), actor=actor).filter(pk__in=[key for key, *_ in found])
    cards = {case.pk: case for case in shown}
    for key, stands, many, total in found:
        lane = lanes.setdefault(Standing(stands), Lane(Standing(stands)))
        lane.count, lane.amount = many, int(total)
        lane.cards.append(cards[key])
    return _in_order(lanes)


def sums(actor: Actor, *, at: datetime) -> list[Lane]:
    """Count the department's cases under way (all, for those who belong to none) by standing, with their amounts."""
    found = written.ask(SUMS, _under_way, actor, at)
    lanes = {Standing(stands): Lane(Standing(stands), many, int(total)) for stands, many, total in found}
    empty = {each: Lane(each) for each in FLOW if each != Standing.CONCLUDED}
    return _in_order(empty | lanes)


def _under_way(actor: Actor, _at: datetime) -> Any:
    rows = Case.objects.visible_to(actor).filter(state__in=OPEN_CASES).order_by()
    if actor.department_id is not None:
        rows = rows.filter(department_id=actor.department_id)
    return rows.annotate(stands=standing(actor)).values("stands", of_amount=F("amount"))


def _in_order(lanes: dict[Standing, Lane]) -> list[Lane]:
    return [lanes[each] for each in Standing if each in lanes]


def _current(rows: Any, actor: Actor, today: date) -> Any:
    concluded = ArchiveEntry.objects.visible_to(actor).filter(
        is_current=True, what=Archived.CONTRACT, concluded_date__gte=today - LATELY
    )
    lately = Q(state=CaseState.CONCLUDED, pk__in=concluded.values("case_id"))
    return rows.filter(Q(state__in=OPEN_CASES) | lately)


def _first(rows: Any, actor: Actor) -> list[tuple[int, str, int, int]]:
    """Name the first cases of each column, with the count and the sum of the whole column beside each."""
    told = {"its_case": F("pk"), "of_amount": F("amount"), "due_by": F("conclusion_deadline_date")}
    placed = rows.annotate(stands=standing(actor)).order_by().values("stands", **told)
    statement, values = placed.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FIRST.format(placed=statement), [*values, CARDS])
        return list(cursor.fetchall())
