"""Write down every night what each city's fiscal years came to, for the figures across municipalities."""

import logging
from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts import actors, tenancy
from accounts.models import Organization, OrganizationKind
from contracts.dates import JST, fiscal_year
from contracts.figures.counting import first_year
from contracts.figures.reporting import Row, report
from contracts.models import CityFigures

logger = logging.getLogger(__name__)
NIGHT = time(2, tzinfo=JST)


def write_all(*, at: datetime) -> int:
    """Write what is not written since tonight's NIGHT, city by city; return how many cities were written.

    Each city has a transaction of its own: where one fails or the work is cut short, the next call does the rest.
    """
    since, count = _night(at), 0
    cities = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk")
    for city in list(cities.only("pk", "name")):
        try:
            with tenancy.acting_for(city.pk):
                count += _write(city, since=since, at=at)
        except Exception:  # 一つの市の思わぬ誤りで、ほかの市を欠かさない
            logger.exception("figures of municipality %s", city.pk)
    return count


def _night(at: datetime) -> datetime:
    begun = datetime.combine(timezone.localdate(at), NIGHT)
    return begun if begun <= at else begun - timedelta(days=1)


def _write(city: Organization, *, since: datetime, at: datetime) -> bool:
    """Write the years of a city that are missing, and those that may still change; False when all stand."""
    this_year = fiscal_year(timezone.localdate(at))
    actor = actors.system(city.pk)
    written = dict(CityFigures.unscoped.filter(tenant=city).values_list("fiscal_year", "written_at"))
    first = first_year(actor) or this_year
    due = [year for year in range(min(first, this_year - 1), this_year + 1) if _is_due(year, written, this_year, since)]
    for year in due:
        found = _columns(report(year, actor=actor).total) | {"written_at": at}
        CityFigures.unscoped.update_or_create(tenant=city, fiscal_year=year, defaults=found)
    return bool(due)


def _is_due(year: int, written: dict[int, datetime], this_year: int, since: datetime) -> bool:
    # 前の年度も、紙の契約の登録の遅れや訂正でまだ変わりうる
    return year not in written or (year >= this_year - 1 and written[year] < since)


def _columns(row: Row) -> dict[str, object]:
    made, used = row.figures, row.usage
    return {
        "contracts": made.contracts,
        "amendments": made.amendments,
        "refused": made.refused,
        "other": made.other,
        "stamps": made.stamps,
        "days": made.days.counts,
        "guarantee_start": used.start,
        "guarantees": used.count,
        "electronic_guarantees": used.electronic,
    }
