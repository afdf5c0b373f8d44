"""Writing over what was read: If-Match names the version that the asker has seen, so that nobody's edit is lost."""

from typing import Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field

from contracts.api.problems import Refused
from contracts.models import Contractor

CHANGED = (
    "読んだ後に、ほかの人が改めています。何も書いていません。GET で読み直し、新しい ETag を If-Match に書いてください。"
)
UNREAD = "名簿にある事業者を改めるには、読んだときの ETag を If-Match に書いてください。何も書いていません。"


class Match(Schema):
    """Which version a change starts from."""

    if_match: str = Field(
        "",
        alias="If-Match",
        max_length=100,
        description="改めるもとになった版の ETag（GET の答えの見出し）。新しく載せるときは書きません",
        examples=['"contractor-7-3"'],
    )


Matching = Header[Match]


def etag(firm: Contractor) -> str:
    """Name a version of an entry of the register."""
    return f'"contractor-{firm.pk}-{firm.edit_number}"'


def mark(response: HttpResponse, firm: Contractor) -> None:
    """Tell the asker which version they have."""
    response.headers["ETag"] = etag(firm)


def check(matching: Match, firm: Contractor, facts: dict[str, Any]) -> None:
    """Raise Refused for a change that does not start from the entry as it stands; what changes nothing may come."""
    if all(getattr(firm, name) == value for name, value in facts.items()):
        return
    if not matching.if_match:
        raise Refused("precondition-required", UNREAD)
    if etag(firm) not in [each.strip() for each in matching.if_match.split(",")]:
        raise Refused("precondition-failed", CHANGED)
