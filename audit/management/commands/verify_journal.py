from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit import attesting, extract, publishing, verifying
from audit.models import Event, Head


class Command(BaseCommand):
    help = "すべての自治体の操作記録の鎖と、それを収めた錨を検証し、最初に壊れているところを示します。"

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
        broken = self._anchors(using)
        for tenant_id in tenants:
            with transaction.atomic(using=using):
                report = verifying.verify_chain(tenant_id=tenant_id, using=using)
            broken += not report.intact
            self._show(tenant_id, report)
        if not tenants:
            self.stdout.write("操作の記録はまだありません。")
        if broken:
            raise CommandError(f"{broken} か所で、記録が壊れています。", returncode=1)

    def _check(self, path: Path) -> None:
        try:
            why = extract.flaw(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} を読めません。") from error
        if why:
            raise CommandError(f"{path}: {why}", returncode=1)
        self.stdout.write(f"{path}: どの出来事も、ハッシュ値のとおりです。")

    def _anchors(self, using: str) -> int:
        """Walk the anchors, show what was found, and return how many do not hold: one or none."""
        try:
            outside = publishing.published(storages["anchors"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.stderr.write(f"外に書き出した錨を読めません（{error}）。")
            return 1
        report = attesting.verify_anchors(published=outside, using=using)
        if not report.intact:
            self.stderr.write(f"錨 {report.broken_at} から先が壊れています。{report.why}")
            return 1
        waiting = f"、うち {report.waiting} 本はトークンを待っています" if report.waiting else ""
        unjudged = (
            f"。トークン {report.unjudged} 個は確かめていません（TRUST_ROOTS がありません）" if report.unjudged else ""
        )
        self.stdout.write(f"錨: {report.anchors} 本、つながっています（外に {len(outside)} 本）{waiting}{unjudged}。")
        return 0

    def _tenants(self, using: str) -> list[int]:
        # 先端の行が消されていても、出来事の残る自治体は検証する。
        heads = Head.objects.using(using).values_list("tenant_id", flat=True)
        events = Event.objects.using(using).order_by().values_list("tenant_id", flat=True).distinct()
        return sorted({*heads, *events})

    def _show(self, tenant_id: int, report: verifying.ChainReport) -> None:
        if report.intact:
            self.stdout.write(f"自治体 {tenant_id}: {report.events} 件、鎖はつながっています。")
            return
        event = f"{tenant_id}/{report.broken_at}"
        self.stderr.write(f"自治体 {tenant_id}: 出来事 {event} で鎖が壊れています。{report.why}")
