from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.demo import cast


class Command(BaseCommand):
    help = "見本の自治体、事業者、保証機関、職員を用意します。すでにあるものはそのままです。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=Path, default=settings.VAR_DIR / "demo/accounts.json")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        cast.load(accounts_file=options["accounts"])
