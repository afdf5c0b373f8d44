"""Tasks that join apps which do not know each other."""

import logging

from celery import shared_task
from django.core.files.storage import storages
from django.utils import timezone

from accounts import installation_secrets, rotating
from audit import anchoring, publishing
from config import reporting
from signing import rooms, setup
from signing.refusals import SealingUnavailable
from vault.errors import Damaged

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


@shared_task
def report_morning(**_later: object) -> None:
    """Mail the operators how everything is; the same morning once, however often it is asked."""
    reporting.send(at=timezone.now())


@shared_task
def finish_rotations(**_later: object) -> None:
    """Go on with rotations of keys that were left half done, and retire the versions nothing is under any more."""
    for holder in rotating.holders():
        try:
            if rotating.go_on(holder.pk, at=timezone.now()):
                logger.info("older versions of the key of %s are retired", holder.pk)
        except Damaged:
            logger.exception("the key of %s does not open", holder.pk)
    installation_secrets.rotate(at=timezone.now(), older_than=None, grace=rotating.GRACE)


@shared_task
def sweep_rooms(**_later: object) -> None:
    """Remove what killed processes left of files from outside."""
    if count := rooms.sweep(at=timezone.now()):
        logger.info("%d rooms were left behind, and are swept", count)
