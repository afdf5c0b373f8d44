"""証拠の期限が近い文書を数え、いますぐ延ばす順番に入れる。延ばすのは worker。"""

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from contracts.services.upkeep import planning


class Command(BaseCommand):
    """Bring renewals forward, or only count them."""

    help = "証拠の期限が近い文書を、いますぐ延長の順番に入れます（--dry-run なら数えるだけです）。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a year and whether to change nothing."""
        parser.add_argument(
            "--year", type=_year, help="この年の末までに期限の来る文書を対象にする（既定は RENEWAL_LEAD_DAYS 以内）"
        )
        parser.add_argument("--dry-run", action="store_true", help="市ごとに数えるだけで、何も変えない")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go through the municipalities; ring the worker when something was brought forward."""
        at = timezone.now()
        before = _start_of(options["year"] + 1) if options["year"] else at + settings.RENEWAL_LEAD
        self.stdout.write(f"{timezone.localtime(before):%Y-%m-%d %H:%M} より前に期限の来る文書:")
        for city in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug"):
            with tenancy.acting_for(city.pk):
                found = planning.ends_before(before=before)
                moved = 0 if options["dry_run"] else planning.bring_forward(at=at, before=before)
            self.stdout.write(
                f"{city.slug}: {found} 件" + ("" if options["dry_run"] else f"（順番に入れたもの {moved} 件）")
            )
        if not options["dry_run"]:
            planning.ring()
            self.stdout.write("worker が延長します。様子は「長期保存」の画面で確かめられます。")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 9000):
        raise ArgumentTypeError("年は西暦の四桁で書いてください。")
    return int(text)


def _start_of(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001 - 次の make_aware が日本時間にする
