"""Tell which documents of the archives gave no text, and have them read again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Q
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from contracts.archive.texts import queueing
from contracts.models import DocumentText, Reading

TOLD = {
    "読み取り済み": Q(state=Reading.READ),
    "読み取り待ち": Q(state=Reading.WAITING),
    "画像のまま": Q(state=Reading.SCANNED),
    "読み取れない": Q(state=Reading.UNREADABLE),
    "途中まで": Q(is_cut=True),
}


class Command(BaseCommand):
    help = "文書の本文の読み取りがどこまで済んだかと、読み取れない文書の理由を挙げます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="画像の文書と、読み取れなかった文書を、読み直させる")

    def handle(self, *_args: Any, **options: Any) -> None:
        for city in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug"):
            with tenancy.acting_for(city.pk):
                self._tell(city)
                if options["again"]:
                    self.stdout.write(f"  {queueing.read_again(at=timezone.now())}件を読み直します。")

    def _tell(self, city: Organization) -> None:
        rows = DocumentText.unscoped.filter(tenant=city)
        counts = rows.aggregate(**{name: Count("pk", filter=which) for name, which in TOLD.items()})
        self.stdout.write(f"{city.slug}: " + "、".join(f"{name} {counts[name]}" for name in TOLD))
        for row in rows.filter(state=Reading.UNREADABLE).order_by("pk").iterator():
            self.stdout.write(f"  {row.subject} {row.title}: {row.last_error}")
