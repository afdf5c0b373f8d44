from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import typefaces


class Command(BaseCommand):
    help = "画面の書体（Noto Sans JP）を、ブラウザが要る分だけ取りに来られるように切り分けます。"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        size = typefaces.cut(settings.FONTS_DIR)
        self.stdout.write(f"{settings.FONTS_DIR} に切り分けました（{size / 1_000_000:.1f} MB）。")
