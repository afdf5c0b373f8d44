"""What the pages about a consent behind a mailed link have in common."""

from base64 import b64encode
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.requests import ActorRequest
from contracts.mailboxes import hint
from contracts.models import AccessLink, Consent
from contracts.services.consents import matching
from signing import pages
from vault import files


def consent_of(request: ActorRequest, link: AccessLink) -> Consent:
    """Find the one consent that a link names; in a joint venture each firm sees its own only."""
    rows = Consent.objects.visible_to(request.actor).select_related("paper", "contractor")
    consent: Consent = get_object_or_404(rows, pk=link.consent_id)
    consent.case = link.case
    return consent


def compared(consent: Consent) -> dict[str, Any]:
    """Hold what was typed against the register: what differs, and a word about the address."""
    return {
        "mismatches": matching.mismatches(consent, on=timezone.localdate()),
        "address_hint": hint(consent.authority_email),
    }


def kept_pages(consent: Consent) -> list[dict[str, Any]]:
    """Draw the form as it was last submitted; nothing when there is none."""
    return inline_pages(files.read(consent.paper)) if consent.paper else []


def inline_pages(pdf: bytes) -> list[dict[str, Any]]:
    """Draw a short form into the page itself: an unsubmitted form is stored nowhere."""
    return [
        {
            "number": number,
            "image": "data:image/webp;base64," + b64encode(pages.render(pdf, page=number, width=1000)).decode(),
            "text": pages.text(pdf, page=number),
        }
        for number in range(1, pages.count(pdf) + 1)
    ]
