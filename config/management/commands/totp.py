import json
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "見本の職員の、いまの認証コードを表示します（認証アプリの代わり）。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        path = settings.VAR_DIR / "demo" / "accounts.json"
        accounts = json.loads(path.read_text()) if path.exists() else []
        secret = next((row["totp_secret"] for row in accounts if row["email"] == options["email"]), "")
        if not secret:
            raise CommandError("この人は、見本の職員として認証コードを持っていません。")
        step = int(time.time()) // 30  # RFC 6238
        self.stdout.write(format_hotp_value(hotp_value(secret, step)))
