"""A party fetches a new download link after the old one has run out, with a code to its address (R70)."""

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from contracts.models import AccessLink, Purpose
from contracts.services import evidence
from contracts.services.inboxes import codes, matters
from contracts.services.signatures import downloading


def may_renew(link: AccessLink, *, at: datetime) -> bool:
    """Tell whether a link is a download that only its age has ended."""
    return link.purpose == Purpose.DOWNLOAD and link.revoked_at is None and at >= link.expires_at


@transaction.atomic
def renew(link: AccessLink, *, actor: Actor, at: datetime, code: str) -> AccessLink | None:
    """Take the code that was mailed; where it is right, send a new download link and return it, else None."""
    inbox = codes.prove(link, actor=actor, at=at, code=code)
    if inbox is None or link.step is None:
        return None
    downloading.send_link(link.step, at=at)
    evidence.record("download.renewed", link.case, subject=f"step:{link.step_id}", actor=actor, at=at, to=inbox.email)
    return matters.handed(inbox, at=at).filter(step=link.step).last()  # type: ignore[no-any-return]
