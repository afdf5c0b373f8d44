"""Whether this process and the database agree on the time: whose clock is wrong must decide nothing by it.

The authorities' tokens are held against the clock as well (signing.timestamps), but whether a term has passed, and
which mails a morning asks for, is decided by the clock alone.
"""

import logging

from django.conf import settings
from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)


def skew() -> float:
    """Return by how many seconds this process is ahead of the database."""
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("select clock_timestamp()")
        (there,) = cursor.fetchone()
    after = timezone.now()
    if before <= there <= after:
        return 0.0
    return float((before - there if there < before else after - there).total_seconds())


def agrees() -> bool:
    """Tell whether the two differ by no more than is bearable; the log says when not."""
    if settings.CLOCK_TOLERANCE is None:
        return True
    found = skew()
    if abs(found) <= settings.CLOCK_TOLERANCE:
        return True
    logger.error("the clock differs from that of the database by %.0f seconds; nothing is done", found)
    return False
