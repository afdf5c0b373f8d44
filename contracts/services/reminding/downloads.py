"""Concluded documents that their party has not taken yet (R69, R71)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from contracts import rules
from contracts.models import AccessLink, Party, Purpose
from contracts.services.reminding.desk import FIRM, Desk, heading
from contracts.services.signatures import timing
from contracts.states import VersionState
from notifications.reminders.planning import ONE_DAY, Shift
from notifications.reminders.registry import Item


def items(desk: Desk) -> Iterator[Item]:
    """Find the download links whose end is near, or past, and that nobody has used."""
    if desk.wanted("step"):
        for link in _links(desk):
            yield from _of_link(desk, link)


def _links(desk: Desk) -> Any:
    """Query the last download link of each party of the contractor's side that has downloaded nothing."""
    first, last = desk.asking.planned
    living = AccessLink.unscoped.filter(tenant=desk.city, purpose=Purpose.DOWNLOAD, revoked_at__isnull=True)
    later = living.filter(step=OuterRef("step"), expires_at__gt=OuterRef("expires_at"))
    rows = living.filter(
        ~Exists(later),
        expires_at__gte=timing.end_of(first) - timedelta(days=2),
        expires_at__lt=timing.end_of(last) + timedelta(days=desk.furthest("download")),
        step__party=Party.CONTRACTOR,
        step__downloaded_at__isnull=True,
        step__version__state=VersionState.CONCLUDED,
    )
    keys = desk.asking.among("step")
    rows = rows if keys is None else rows.filter(step__in=keys)
    found = rows.select_related("step__version__drafted_by", "step__version__contract", "case__registered_by")
    return found.defer("step__version__terms", "case__econtract_verdict").order_by(F("expires_at"), "pk")


def _of_link(desk: Desk, link: Any) -> Iterator[Item]:
    case, step, within = link.case, link.step, desk.asking.planned
    ends = timezone.localdate(link.expires_at)
    limit = {"heading": heading(case, step.version.contract), "by": ends, "by_label": "ダウンロードの期限"}
    said = desk.rules_of(case)
    yield desk.about(
        case,
        rule="download",
        subject=f"step:{step.pk}",
        planned=rules.ending_days(said, "download", ends=ends, within=within),
        shift=Shift.BEFORE,
        to=step.receiver,
        name=step.name,
        digest=FIRM,
        why="締結した契約書を、まだダウンロードしていただいていません。",
        **limit,
        until=link.expires_at,
    )
    lapsed = ends + ONE_DAY
    yield from desk.tell_staff(
        case,
        desk.people(case, step.version.drafted_by),
        rule="download_lapsed",
        subject=f"step:{step.pk}",
        planned=[lapsed] if within[0] <= lapsed <= within[1] else [],
        shift=Shift.AFTER,
        why=f"{step.name} 様が契約書をダウンロードしないまま、リンクの期限が過ぎました。案件の画面から再発行できます。",
        **limit,
    )
