"""Which cases are asked for, and what the list tells of each beside its own columns."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.actors import Actor
from contracts.folding import search_key
from contracts.listing.standings import ENDS, OPEN, Standing, newest_version, slowest_consent, standing
from contracts.models import Case, Contract, ContractKind
from contracts.states import OPEN_CASES, ContractState

SOON = timedelta(days=3)
PASSED, NEAR = "passed", "near"


def matching(asked: Mapping[str, Any], *, actor: Actor, today: date) -> Any:
    """Query the cases that fulfil every condition of the search form."""
    rows = Case.objects.visible_to(actor)
    for word in asked.get("words", "").split():
        rows = rows.filter(search_key__contains=search_key(word))
    if department := asked.get("department"):
        rows = rows.filter(department=department)
    rows = rows.filter(_deadline(asked.get("deadline", ""), today))
    return _standing(rows, asked.get("state", ""), actor)


def _standing(rows: Any, wanted: str, actor: Actor) -> Any:
    if not wanted:
        return rows
    if wanted in ENDS:
        return rows.filter(state=ENDS[Standing(wanted)])
    rows = rows.filter(state__in=OPEN_CASES)
    return rows if wanted == OPEN else rows.alias(stands=standing(actor)).filter(stands=wanted)


def _deadline(wanted: str, today: date) -> Q:
    """Ask for open cases whose deadline is near, or has passed."""
    running = Q(state__in=OPEN_CASES)
    if wanted == PASSED:
        return running & Q(conclusion_deadline_date__lt=today)
    if wanted == NEAR:
        return running & Q(conclusion_deadline_date__range=(today, today + SOON))
    return Q()


def told(rows: Any, *, actor: Actor) -> Any:
    """Add, within the one query, what is told of the consents and the contracts of each case."""
    # 集約にすると、見せる 50 件の前に、市のすべての案件を数えてしまう
    changes = Contract.unscoped.filter(case=OuterRef("pk"), kind=ContractKind.AMENDMENT)
    counted = changes.exclude(state=ContractState.DROPPED).order_by().values("case").annotate(many=Count("pk"))
    return rows.select_related("contractor", "department").annotate(
        consent_state=Subquery(slowest_consent(actor).values("state")[:1]),
        version_state=Subquery(newest_version(actor).values("state")[:1]),
        amendments=Coalesce(Subquery(counted.values("many")), 0),
    )
