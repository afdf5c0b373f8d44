from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import restoring
from config.backups.errors import TROUBLES
from config.backups.store import Generation, Store


class Command(BaseCommand):
    help = "バックアップを、空のデータベースと空のファイルの置き場に戻します。空でなければ何もしません。"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="latest", help="名（書かなければ、いちばん新しいもの）")
        parser.add_argument(
            "--without-damaged", action="store_true", help="壊れたファイルがあれば、それを除いて残りを戻す"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        store = Store()
        try:
            generation = store.named(options["name"])
            self._restore(generation, store, without_damaged=options["without_damaged"])
        except TROUBLES as trouble:
            raise CommandError(str(trouble), returncode=1) from trouble

    def _restore(self, generation: Generation, store: Store, *, without_damaged: bool) -> None:
        restoring.check_target(store.manifest(generation), place=restoring.owner())
        checked = restoring.check(generation, store=store)
        for flaw in checked.flaws:
            self.stderr.write(flaw)
        if checked.fatal:
            raise CommandError("このバックアップは壊れているため、何も戻していません。", returncode=1)
        if checked.lost and not without_damaged:
            raise CommandError(
                "壊れたファイルがあるため、何も戻していません。ほかのバックアップを選ぶか、"
                "--without-damaged を付けて、それを除いて戻してください。",
                returncode=1,
            )
        count, differing = restoring.bring_back(generation, checked, store=store)
        self.stdout.write(
            f"{generation.name} を戻しました。{sum(checked.manifest.tables.values()):,} 行、{count:,} 個。"
        )
        for name in differing:
            self.stderr.write(f"{name}: 残っていた錨が、バックアップと違います。置き換えていません。")
        self.stdout.write("次に migrate、verify_restored の順に動かしてください。")
