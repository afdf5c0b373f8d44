"""The figures from the rows that each city's night left: of all municipalities (operators only), and of one's own."""

from datetime import datetime

from django.db.models import Min

from accounts.actors import Actor
from accounts.permissions import check, operates
from contracts.figures.numbers import Figures, Spread
from contracts.figures.reporting import Report, Row, summed
from contracts.figures.usage import Line
from contracts.models import CityFigures

ALIAS = "ops"
WHOLE = "すべての自治体"


def report(year: int, *, actor: Actor) -> Report:
    """Put the rows of all municipalities of a fiscal year together, by name; raises PermissionDenied for others."""
    check(operates, actor)
    found = CityFigures.unscoped.using(ALIAS).filter(fiscal_year=year).select_related("tenant")
    rows = [row_of(each) for each in found.order_by("tenant__name", "tenant_id")]
    return Report(year, "自治体", rows, Row(WHOLE, summed(rows), _whole(rows)))


def first_year(actor: Actor) -> int | None:
    """Tell the first fiscal year of which any municipality has a row; raises PermissionDenied for others."""
    check(operates, actor)
    found = CityFigures.unscoped.using(ALIAS).aggregate(first=Min("fiscal_year"))
    return found["first"]  # type: ignore[no-any-return]


def last_night(year: int, *, actor: Actor) -> tuple[Row, datetime] | None:
    """Give a fiscal year of the actor's city as the last night counted it, and when; None before the first night."""
    found = CityFigures.objects.visible_to(actor).filter(fiscal_year=year).select_related("tenant").first()
    return (row_of(found), found.written_at) if found else None


def row_of(each: CityFigures) -> Row:
    """Read what a night has written as a line of the table."""
    name = each.tenant.name
    days = Spread({int(days): count for days, count in each.days.items()})
    made = Figures(each.contracts, each.amendments, each.refused, each.other, each.stamps, days)
    return Row(name, made, Line(name, each.guarantee_start, each.guarantees, each.electronic_guarantees))


def _whole(rows: list[Row]) -> Line:
    """Add the usage up; there is no one day on which all began."""
    return Line(WHOLE, None, sum(row.usage.count for row in rows), sum(row.usage.electronic for row in rows))
