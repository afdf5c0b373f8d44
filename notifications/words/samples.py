"""A mail as it would look: real words and the real frame, with sample values and a link that opens nothing."""

import json
from typing import Any

from django.conf import settings

from accounts.models import Organization
from notifications.words import standard
from notifications.words.writing import Own, Words, write

CODE = "1234-5678"
MARK = "【見本】"


def context(template: str) -> dict[str, Any]:
    """Give a sample of every value that a mail is written with; addresses in it are of this site."""
    written = json.dumps(standard.glossary().samples).replace("{site}", settings.BASE_URL)
    return dict(json.loads(written)) | standard.of(template).samples


def link(template: str) -> str | None:
    """Give an address that opens nothing, to a mail that carries a link."""
    return f"{settings.BASE_URL}/sample/link-of-a-sample/" if standard.of(template).action else None


def code(template: str) -> str | None:
    """Give a code to a mail that can carry one: of those without a link."""
    return None if standard.of(template).action else CODE


def marked(template: str, own: Own) -> Own:
    """Mark words as a sample, so that nobody takes them for the real thing."""
    return Own(f"{MARK}{own.subject or standard.of(template).subject}", own.lead, own.note)


def written(tenant: Organization, template: str, own: Own) -> Words:
    """Write a mail with sample values."""
    return write(
        tenant=tenant, template=template, context=context(template), link=link(template), code=code(template), own=own
    )
