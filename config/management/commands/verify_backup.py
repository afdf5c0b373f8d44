from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from config.backups import proving
from config.backups.errors import TROUBLES
from config.backups.proving import Proof
from config.backups.store import Store
from vault.models import BackupRun

SAMPLE = 50
MOST_NAMED = 20


class Command(BaseCommand):
    help = "バックアップを仮のデータベースに戻し、件数、文書の見本、操作記録を確かめます。仮のものは必ず捨てます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="latest", help="名（書かなければ、いちばん新しいもの）")
        parser.add_argument("--sample", type=int, default=SAMPLE, help=f"検証する文書の数（既定 {SAMPLE}）")
        parser.add_argument("--quick", action="store_true", help="ファイルの中身は見本だけを読み、ほかは有無だけを見る")

    def handle(self, *_args: Any, **options: Any) -> None:
        store = Store()
        try:
            generation = store.named(options["name"])
            proof = proving.prove(generation, store=store, sample=options["sample"], contents=not options["quick"])
        except TROUBLES as trouble:
            raise CommandError(str(trouble), returncode=1) from trouble
        self._note(generation.name, is_sound=proof.is_sound)
        self._tell(proof)

    def _note(self, name: str, *, is_sound: bool) -> None:
        try:
            run = BackupRun.objects.filter(name=name)
            run.update(verified_at=timezone.now() if is_sound else None, is_verified_bad=not is_sound)
        except DatabaseError as trouble:
            # もとのデータベースが失われた後でも、戻す前に確かめられるように
            self.stderr.write(f"結果を書き留められませんでした（{trouble}）。")

    def _tell(self, proof: Proof) -> None:
        checked = proof.checked
        flaws = checked.flaws
        for flaw in [*flaws[:MOST_NAMED], *proof.differing[:MOST_NAMED]]:
            self.stderr.write(flaw)
        if len(flaws) > MOST_NAMED:
            self.stderr.write(f"ほかに {len(flaws) - MOST_NAMED} 個。")
        rows = sum(checked.manifest.tables.values())
        self.stdout.write(f"ファイル {checked.files:,} 個のうち {checked.files - len(checked.lost):,} 個が合います。")
        if not checked.fatal:
            told = "件数が合います" if not proof.differing else f"{len(proof.differing)} 表で件数が合いません"
            self.stdout.write(f"{len(checked.manifest.tables)} 表 {rows:,} 行を戻しました。{told}。")
        self.stdout.write(proof.report.strip())
        name = checked.manifest.name
        if not proof.is_sound:
            raise CommandError(f"{name} は、このままでは完全に戻せません。", returncode=1)
        self.stdout.write(f"{name} は、戻せることを確かめました。")
