"""不達の知らせを一通、標準入力から受け取る（MTA の pipe から呼ぶ）。"""

import logging
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.bounces import service
from notifications.bounces.parts import MOST_BYTES

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Take one notice from standard input; leave with the codes of sysexits(3) that mail servers know."""

    help = "不達の知らせを標準入力から一通受け取ります。受け取れば 0、あとで試してほしいときは 75 で終わります。"
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Read the mail to its end, so that the server does not write to a closed pipe."""
        raw = sys.stdin.buffer.read(MOST_BYTES)
        while sys.stdin.buffer.read(MOST_BYTES):
            pass
        try:
            outcome = service.take(raw, at=timezone.now())
        except Exception:  # 何が起きても、知らせは MTA の待ち行列に残す
            logger.exception("a bounce could not be taken; the mail server keeps it")
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write(outcome)
