from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "表を新しくし、見本を載せ、求められれば静的ファイルを集めます。何度動かしてもかまいません。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--static", action="store_true")
        parser.add_argument("--accounts", help="見本の職員のサインインの情報を書く場所。")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # 三つの命令を一つのプロセスで行う。Django を読み込むだけで二秒かかるので。
        call_command("migrate", database="owner", interactive=False, verbosity=0, skip_checks=True)
        call_command("load_demo", **({"accounts": Path(options["accounts"])} if options["accounts"] else {}))
        if options["static"]:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
