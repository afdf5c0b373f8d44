from typing import Any

from django.core.management.base import BaseCommand

from vault import backups


class Command(BaseCommand):
    help = "BACKUP_KEYSET に設定する新しい鍵を一つ作って表示します。親鍵とは別の場所に、写しを保ってください。"
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(backups.new_keyset())
