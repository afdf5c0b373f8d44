from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.demo import cast


class Command(BaseCommand):
    help = "見本の自治体、事業者、保証機関、職員を用意します。すでにあるものはそのままです。"

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        cast.load(accounts_file=settings.VAR_DIR / "demo/accounts.json")
