from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backups import making
from config.backups.errors import TROUBLES
from config.backups.making import Made
from config.backups.store import LABELS, Kind, Store
from vault.models import BackupRun

MOST_NAMED = 20
NOT_MADE = "バックアップは完成していません。前のバックアップはそのままです。"


class Command(BaseCommand):
    help = "データベースとファイルのバックアップを一つ取り、期間の過ぎたものを消します。毎日動かしてください。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=[*Kind], help="種類（書かなければ、年度・月の最初かどうかで決まる）")
        parser.add_argument("--list", action="store_true", help="取らずに、完成しているものを並べる")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["list"]:
            return self._list()
        at = timezone.now()
        run = BackupRun.objects.create(began_at=at)
        try:
            made = making.make(at=at, kind=Kind(options["kind"]) if options["kind"] else None)
        except TROUBLES as trouble:
            run.end(at=timezone.now(), problem=str(trouble))
            raise CommandError(f"{trouble}\n{NOT_MADE}", returncode=1) from trouble
        manifest = made.manifest
        run.name, run.files, run.size = manifest.name, manifest.kept, manifest.kept_bytes + manifest.database.size
        run.end(at=timezone.now(), missing=manifest.missing)
        return self._tell(made)

    def _tell(self, made: Made) -> None:
        manifest = made.manifest
        rows = sum(manifest.tables.values())
        self.stdout.write(
            f"{manifest.name} を取りました。{rows:,} 行（{manifest.database.size:,} バイト）、"
            f"ファイル {manifest.kept:,} 個（うち新しいもの {manifest.new:,} 個、{manifest.new_bytes:,} バイト）。"
        )
        for generation in made.pruned:
            self.stdout.write(f"期間の過ぎた {generation.name} を消しました。")
        if made.not_pruned:
            self.stderr.write(f"期間の過ぎたものを消せませんでした（{made.not_pruned}）。")
        if made.missing:
            for path in made.missing[:MOST_NAMED]:
                self.stderr.write(f"{path}: 保管庫にありません。")
            raise CommandError(
                f"バックアップは完成しましたが、保管庫にないファイルが {manifest.missing} 個あります。", returncode=1
            )

    def _list(self) -> None:
        for generation in Store().whole():
            made_at = timezone.localtime(generation.made_at)
            self.stdout.write(f"{generation.name}  {made_at:%Y-%m-%d %H:%M}  {LABELS[generation.kind]}")
