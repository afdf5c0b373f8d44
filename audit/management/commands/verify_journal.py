from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit import extract, journal
from audit.models import Event, Head


class Command(BaseCommand):
    help = "すべての自治体の操作記録の鎖を検証し、最初に壊れている出来事を示します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default="owner", help="すべての自治体の行を読める接続の名前")
        parser.add_argument("--tenant", type=int, help="この自治体だけを検証する")
        parser.add_argument(
            "--extract", type=Path, metavar="FILE", help="合意締結証明書に添えた抜粋（journal.json）だけを検証する"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["extract"]:
            self._check(options["extract"])
            return
        using = options["database"]
        tenants = [options["tenant"]] if options["tenant"] else self._tenants(using)
        broken = 0
        for tenant_id in tenants:
            with transaction.atomic(using=using):
                report = journal.verify_chain(tenant_id=tenant_id, using=using)
            broken += not report.intact
            self._show(tenant_id, report)
        if not tenants:
            self.stdout.write("操作の記録はまだありません。")
        if broken:
            raise CommandError(f"{broken} 件の鎖が壊れています。", returncode=1)

    def _check(self, path: Path) -> None:
        try:
            why = extract.flaw(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} を読めません。") from error
        if why:
            raise CommandError(f"{path}: {why}", returncode=1)
        self.stdout.write(f"{path}: どの出来事も、ハッシュ値のとおりです。")

    def _tenants(self, using: str) -> list[int]:
        # 先端の行が消されていても、出来事の残る自治体は検証する。
        heads = Head.objects.using(using).values_list("tenant_id", flat=True)
        events = Event.objects.using(using).order_by().values_list("tenant_id", flat=True).distinct()
        return sorted({*heads, *events})

    def _show(self, tenant_id: int, report: journal.ChainReport) -> None:
        if report.intact:
            self.stdout.write(f"自治体 {tenant_id}: {report.events} 件、鎖はつながっています。")
            return
        event = f"{tenant_id}/{report.broken_at}"
        self.stderr.write(f"自治体 {tenant_id}: 出来事 {event} で鎖が壊れています。{report.why}")
