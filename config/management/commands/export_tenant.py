from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization, OrganizationKind
from config.exporting import handing
from config.exporting.errors import ExportRefused
from contracts.packs.papers import DAMAGED
from signing import setup

MOST_NAMED = 20
# 利用の終わった自治体も、鍵を滅するまでは書き出せる
CITIES = (OrganizationKind.MUNICIPALITY, OrganizationKind.FORMER)


class Command(BaseCommand):
    help = (
        "一つの自治体のすべてを、むすびのない所でも読める形でフォルダーに書き出します。"
        "止まったら、同じ命令をもう一度動かすと続きから書き出します。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="自治体の記号")
        parser.add_argument("directory", metavar="DIR", type=Path, help="空のフォルダー（なければ作る）")
        parser.add_argument("--with-keys", action="store_true", help="保管中の認証キーも、認証キー.csv に書き出す")
        parser.add_argument("--reason", default="", help="書き出す訳。操作記録に残る")

    def handle(self, *_args: Any, **options: Any) -> None:
        city = Organization.objects.filter(slug=options["slug"], kind__in=CITIES).first()
        if city is None:
            raise CommandError(f"「{options['slug']}」という自治体は登録されていません。", returncode=1)
        if options["with_keys"] and not options["reason"].strip():
            raise CommandError("認証キーを書き出す訳を --reason に書いてください。操作記録に残ります。", returncode=1)
        try:
            export = handing.begin(
                city,
                options["directory"],
                trust=setup.trust(),
                at=timezone.now(),
                with_keys=options["with_keys"],
                reason=options["reason"].strip(),
            )
            manifest = export.run()
        except ExportRefused as refused:
            raise CommandError(str(refused), returncode=1) from refused
        except OSError as trouble:
            raise CommandError(
                f"書けません（{trouble}）。直してから同じ命令を動かすと、続きから書き出します。", returncode=1
            ) from trouble
        self._tell(export, manifest)

    def _tell(self, export: handing.Export, manifest: str) -> None:
        self.stdout.write(f"{export.folder.root} に書き出しました。manifest.json の SHA-256 は {manifest} です。")
        self.stdout.write("確かめ方は index.html にあります（python verify.py）。")
        for path, why in export.damaged[:MOST_NAMED]:
            self.stderr.write(f"{path}: {why}")
        if any(why == DAMAGED for _, why in export.damaged):
            raise CommandError("壊れていて入れられなかったファイルがあります。", returncode=1)
