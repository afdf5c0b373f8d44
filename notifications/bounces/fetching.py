"""Fetching what came back from the mailbox of the return path."""

import logging
from collections import Counter
from datetime import datetime

from django.conf import settings

from notifications.bounces import mailbox
from notifications.bounces.mailbox import Letter
from notifications.bounces.service import Outcome, take

logger = logging.getLogger(__name__)


def fetch(*, at: datetime) -> Counter[Outcome]:
    """Read the unread mails of BOUNCE_MAILBOX and count what came of them; raises mailbox.Unfit and OSError.

    A mail is put away only after what it says is committed: read twice by a death in between, it counts once.
    """
    counted: Counter[Outcome] = Counter()
    with mailbox.unread(settings.BOUNCE_MAILBOX, password=settings.BOUNCE_PASSWORD) as letters:
        for letter in letters:
            outcome = _take(letter, at=at)
            if outcome is not None:
                letter.put_away(flagged=outcome.is_for_people)
                counted[outcome] += 1
    return counted


def _take(letter: Letter, *, at: datetime) -> Outcome | None:
    try:
        return take(letter.raw, at=at)
    except Exception:  # 一通の思わぬ誤りで、ほかを待たせない。読まれないまま残り、次の巡回がまた読む
        logger.exception("a mail to the return path could not be taken")
        return None
