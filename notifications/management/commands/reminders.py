"""ある日の朝に、だれに何を、どの決まりで知らせるか。--dry-run でなければ、その朝のまとめを送る。"""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from notifications import office
from notifications.reminders import foreseeing, registry, sweeping
from notifications.reminders.sweeping import Due, Morning

HOUSES = (OrganizationKind.MUNICIPALITY, OrganizationKind.GUARANTOR)


class Command(BaseCommand):
    """Say what a morning tells whom, and why; send it unless it is only asked about."""

    help = "ある日の朝のお知らせを示し、送ります（--dry-run なら示すだけです）。先の日については、その朝の分だけです。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day, the city, and whether to send and how to print."""
        parser.add_argument("--on", type=_day, default=None, metavar="DATE", help="朝の日付（既定は、きょう）")
        parser.add_argument("--city", default="", metavar="SLUG", help="団体の記号（既定は、すべて）")
        parser.add_argument("--dry-run", action="store_true", help="示すだけで、何も送らない")
        parser.add_argument("--json", action="store_true", help="JSON で示す")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go through the houses in the order of their slugs."""
        told: list[dict[str, Any]] = []
        for house in _houses(options["city"]):
            with tenancy.acting_for(house.pk):
                morning, closed = _morning(house, on=options["on"], is_dry=options["dry_run"])
            if options["json"]:
                told += _lines(house, morning)
            else:
                self.stdout.write("\n".join(_said(house, morning, closed)))
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))


def _houses(slug: str) -> list[Organization]:
    rows = Organization.objects.filter(kind__in=HOUSES).order_by("slug")
    found = list(rows.filter(slug=slug) if slug else rows)
    if slug and not found:
        raise CommandError(f"「{slug}」という記号の団体はありません。")
    return found


def _morning(house: Organization, *, on: date | None, is_dry: bool) -> tuple[Morning, str]:
    """Work the morning of a day out, or hold it now; with the reason why the office is closed on it."""
    at = timezone.now()
    today = timezone.localdate(at)
    day = on or today
    closed = office.calendar(house)(day)
    if is_dry:
        return foreseeing.forecast(house, on=day, at=at), closed
    return sweeping.sweep(house, on=day, at=at, only_that_day=day > today), closed


def _said(house: Organization, morning: Morning, closed: str) -> Iterable[str]:
    counted = f"{len(morning.letters)}通、{morning.count}件" if not closed else f"閉庁日（{closed}）のため、なし"
    yield f"{morning.on:%Y-%m-%d} {house.name}（{house.slug}）: {counted}"
    for to, dues in sorted(morning.letters.items()):
        yield f"  {to}（{dues[0].item.name}）"
        for due in dues:
            yield from _of(due)
    for due in morning.unreachable:
        yield f"  宛先がないため知らせられません: {due.item.name}"
        yield from _of(due)


def _of(due: Due) -> Iterable[str]:
    yield f"    [{registry.label(due.item.rule)}] {due.item.heading}（予定の日 {due.planned:%Y-%m-%d}）"
    yield f"      {due.item.why}"
    yield f"      決まり {due.item.line}"


def _lines(house: Organization, morning: Morning) -> list[dict[str, Any]]:
    found = [(due, to) for to, dues in sorted(morning.letters.items()) for due in dues]
    return [
        {
            "city": house.slug,
            "on": morning.on.isoformat(),
            "to": to,
            "name": due.item.name,
            "digest": due.item.digest,
            "rule": due.item.rule,
            "subject": due.item.subject,
            "planned": due.planned.isoformat(),
            "heading": due.item.heading,
            "why": due.item.why,
            "line": due.item.line,
        }
        for due, to in [*found, *((due, "") for due in morning.unreachable)]
    ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("日付は 2026-03-05 の形で書いてください。") from None
