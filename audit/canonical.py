"""The one text of an event, over which its hash is taken (RFC 8259, keys sorted, no spaces)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from django.core.serializers.json import DjangoJSONEncoder

GENESIS = "0" * 64


def dumps(value: Mapping[str, object]) -> str:
    """Write canonical JSON."""
    text = json.dumps(
        value, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return writable(text)


def writable(text: str) -> str:
    """Replace what PostgreSQL text cannot hold, so that no hostile name keeps an event from being written."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def instant(at: datetime) -> str:
    """Write an aware instant in UTC with microseconds, as the database keeps it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def digest(text: str, *, previous_hash: str) -> str:
    """Hash the previous hash and the canonical text of every other field (SHA-256, hex)."""
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()
