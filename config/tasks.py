"""Tasks that join apps which do not know each other."""

import logging

from celery import shared_task
from django.core.files.storage import storages
from django.utils import timezone

from audit import anchoring, publishing
from signing import setup
from signing.refusals import SealingUnavailable

logger = logging.getLogger(__name__)


@shared_task
def anchor_journal(**_later: object) -> None:
    """Anchor every city's chain, and have what waits for a token attested, the oldest first."""
    anchoring.drop(at=timezone.now())
    try:
        while anchoring.stamp_next(stamp=setup.authorities().stamp):
            pass
    except SealingUnavailable as unavailable:
        logger.warning("anchors wait for their token: %s", unavailable)


@shared_task
def write_out_anchors(**_later: object) -> None:
    """Write the anchors since the last time where nothing is overwritten; once a day, or whenever it is asked."""
    for name in publishing.write_out(storages["anchors"]):
        logger.info("anchors written out: %s", name)
