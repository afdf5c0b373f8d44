"""Lists by cursor: the next page starts after a row, whatever was added meanwhile."""

import base64
import binascii
from typing import Any

from ninja import Query, Schema
from pydantic import Field

from contracts.api.problems import Refused

PAGE, LARGEST = 50, 200
LONGEST_PLACE = 18
STALE = "cursor は、前の答えの next_cursor をそのまま書いてください。初めから読むときは書きません。"


class Asked(Schema):
    """Which page of a list."""

    limit: int = Field(PAGE, ge=1, le=LARGEST, description="一度に受け取る件数")
    cursor: str = Field(
        "", max_length=100, pattern=r"^[A-Za-z0-9_-]*$", description="前の答えの next_cursor。初めは書きません"
    )


Page = Query[Asked]


class Slice(Schema):
    """What every list has beside its items."""

    next_cursor: str | None = Field(description="次の頁の cursor。終わりなら null", examples=["Y2FzZXM6NDI"])


def write(name: str, place: int) -> str:
    """Write the cursor of a place in a list."""
    return base64.urlsafe_b64encode(f"{name}:{place}".encode()).decode().rstrip("=")


def read(name: str, cursor: str) -> int:
    """Read the place that a cursor of this very list names, 0 for none; raises Refused for any other text."""
    if not cursor:
        return 0
    try:
        named, _, place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError) as unread:
        raise Refused("invalid", STALE) from unread
    if named != name or not place.isdecimal() or len(place) > LONGEST_PLACE:
        raise Refused("invalid", STALE)
    return int(place)


def take(rows: Any, *, name: str, asked: Asked, key: str = "pk") -> tuple[list[Any], str | None]:
    """Take one page of rows in the order of a growing number, and the cursor of the next."""
    after = read(name, asked.cursor)
    found = list(rows.filter(**{f"{key}__gt": after}).order_by(key)[: asked.limit + 1])
    shown = found[: asked.limit]
    return shown, write(name, getattr(shown[-1], key)) if len(found) > asked.limit else None
