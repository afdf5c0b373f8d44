from typing import Any

from django.core.management.base import BaseCommand

from config.embedded import stack


class Command(BaseCommand):
    help = "PostgreSQL、Redis、認証局と TSA、メールの受け皿だけを動かします。Ctrl-C で止まります。"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        raise SystemExit(stack.main())
