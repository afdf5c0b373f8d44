"""How a mail is named to the outside: its Message-ID and its return path, both naming the row and its tenant."""

import re
import uuid
from email.utils import parseaddr

from django.conf import settings

# Message-ID と封筒の差出人のどちらにも、<uuid>.<団体の番号> が入る
_NAME = re.compile(
    r"(?<![0-9a-f])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9]{1,18})(?=@)", re.IGNORECASE
)


def domain() -> str:
    """Return the domain that our names stand in: that of the installation's own address."""
    return parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2]


def message_id(uid: uuid.UUID, tenant_id: int) -> str:
    """Write the Message-ID of a mail (RFC 5322 §3.6.4)."""
    return f"<{uid}.{tenant_id}@{domain()}>"


def return_path(uid: uuid.UUID, tenant_id: int) -> str:
    """Write the envelope sender to which a mail comes back (RFC 5321 §4.1.1.2), one for each where bounces are read."""
    if not settings.BOUNCE_ADDRESS:
        return parseaddr(settings.MAIL_FROM)[1]
    local, _, host = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{uid}.{tenant_id}@{host}"


def read(text: str) -> tuple[uuid.UUID, int] | None:
    """Find the mail and the tenant that a Message-ID or a return path names; None where it names none of ours."""
    found = _NAME.search(text)
    return (uuid.UUID(found[1]), int(found[2])) if found else None
