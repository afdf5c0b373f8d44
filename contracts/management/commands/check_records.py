"""Check everything that cities keep, now, and say what does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from contracts.models import RecordCheck
from contracts.services.checking import anchors, asking, walking


class Command(BaseCommand):
    help = "操作記録、文書の版、ファイルの中身が合うことを、いますぐ確かめます。合わないところがあれば 1 で終わります。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", metavar="SLUG", help="この自治体だけを確かめる")

    def handle(self, *_args: Any, **options: Any) -> None:
        cities = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug")
        if options["city"]:
            cities = cities.filter(slug=options["city"])
        if not cities:
            raise CommandError("その記号の自治体はありません。")
        report = anchors.check_anchors(at=timezone.now())
        broken = report is None or not report.intact
        self.stdout.write("錨: 食い違いがあります。" if broken else "錨: 記録のとおりです。")
        for city in cities:
            broken |= self._check(city)
        if broken:
            raise CommandError("記録に食い違いがあります。", returncode=1)

    def _check(self, city: Organization) -> bool:
        with tenancy.acting_for(city.pk):
            check = asking.begin(city.pk, at=timezone.now())
        while check.done_at is None and not check.last_error:
            walking.check_next(tenant_id=city.pk, at=timezone.now())
            with tenancy.acting_for(city.pk):
                check = RecordCheck.unscoped.get(pk=check.pk)
        for each in check.found:
            self.stderr.write(f"{city.name}: {each['where']}: {each['what']}")
        told = check.last_error or f"出来事 {check.events} 件、文書 {check.documents} 件、ファイル {check.files} 件"
        self.stdout.write(f"{city.name}: {told}、食い違い {check.flaws} 件")
        return bool(check.flaws or check.last_error)
