from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault import masters


class Command(BaseCommand):
    help = (
        "VAULT_MASTER_KEYSET に設定する親鍵を作って表示します。"
        "取り替えるときは --add で作った値に替え、rotate_keys --master を動かしてから、--newest で作った値に替えます。"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--add", action="store_true", help="いまの親鍵に、これから包む鍵を一つ足す")
        ways.add_argument("--newest", action="store_true", help="いまの親鍵から、いま包んでいる鍵だけを残す")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not (options["add"] or options["newest"]):
            self.stdout.write(masters.new_keyset())
            return
        if not settings.VAULT_MASTER_KEYSET:
            raise CommandError("VAULT_MASTER_KEYSET がありません。")
        changed = masters.with_a_new_key if options["add"] else masters.with_its_newest_key
        self.stdout.write(changed(settings.VAULT_MASTER_KEYSET))
