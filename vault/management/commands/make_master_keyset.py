from typing import Any

from django.core.management.base import BaseCommand

from vault import keys


class Command(BaseCommand):
    help = "VAULT_MASTER_KEYSET に設定する新しい主鍵を一つ作って表示します。"
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(keys.new_master_keyset())
