"""不達の知らせをメールボックスから読む。ふだんは worker が一分ごとに行う。"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.bounces import fetching, mailbox


class Command(BaseCommand):
    """Fetch bounces now and say what came of them."""

    help = "BOUNCE_MAILBOX のまだ読んでいない知らせを、いますぐ読みます。"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Count the mails by what came of them."""
        if not settings.BOUNCE_MAILBOX:
            raise CommandError("BOUNCE_MAILBOX を設定してください（docs/operations.md「届かなかったメール」）。")
        try:
            counted = fetching.fetch(at=timezone.now())
        except (mailbox.Unfit, OSError) as error:
            raise CommandError(str(error)) from error
        for outcome, number in counted.items():
            self.stdout.write(f"{outcome}: {number} 通")
        if not counted:
            self.stdout.write("まだ読んでいない知らせはありません。")
