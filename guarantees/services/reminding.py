"""Guarantees that are expected and have not come: the firm and the staff of the case are asked again."""

from collections.abc import Iterator
from typing import Any

from django.db.models import IntegerField, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from contracts import rules
from contracts.dates import wareki
from contracts.models import ContractVersion
from contracts.services.reminding.desk import FIRM, Desk
from contracts.states import LIVE_VERSIONS, VersionState
from guarantees.models import Guarantee
from guarantees.states import GuaranteeState
from notifications.reminders.planning import Shift
from notifications.reminders.registry import Asking, Item, Source

RULES = {"guarantee": "保証が届いていない"}


def find(asking: Asking) -> Iterator[Item]:
    """Find the guarantees of a city that nobody has handed in."""
    desk = Desk(asking)
    if desk.wanted("guarantee"):
        expected = list(_expected(desk))
        drafters = User.objects.in_bulk({row.drafter for row in expected if row.drafter})
        for row in expected:
            yield from _of(desk, row, drafters.get(row.drafter))


def _expected(desk: Desk) -> Any:
    """Query the expected guarantees, each with the drafter of the contract that is under way or else the newest."""
    versions = ContractVersion.unscoped.filter(
        contract__case=OuterRef("case"), state__in=[*LIVE_VERSIONS, VersionState.CONCLUDED]
    )
    drafter = Subquery(versions.order_by("-pk").values("drafted_by_id")[:1], output_field=IntegerField())
    rows = Guarantee.unscoped.filter(tenant=desk.city, state=GuaranteeState.EXPECTED)
    found = desk.asked(rows, "guarantee").annotate(drafter=drafter)
    return (
        found.select_related("case__contractor", "case__registered_by").defer("case__econtract_verdict").order_by("pk")
    )


def _of(desk: Desk, row: Any, drafter: User | None) -> Iterator[Item]:
    case, since = row.case, timezone.localdate(row.expected_at)
    what: dict[str, Any] = {
        "rule": "guarantee",
        "subject": f"guarantee:{row.pk}",
        "planned": rules.waiting_days(desk.rules_of(case), "guarantee", since=since, within=desk.asking.planned),
        "shift": Shift.AFTER,
        "by": since,
        "by_label": "",
    }
    missing = f"{row.get_type_display()}が、まだ届いていません（{wareki(since)}から必要です）。"
    firm = case.contractor
    yield desk.about(case, to=firm.email, name=firm.full_name, digest=FIRM, why=f"{missing}ご提出ください。", **what)
    people = desk.people(case, *([drafter] if drafter else []))
    yield from desk.tell_staff(case, people, why=f"{firm.full_name}の{missing}", **what)


SOURCE = Source(RULES, find)
