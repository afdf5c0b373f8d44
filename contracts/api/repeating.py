"""POST that may be sent twice: an Idempotency-Key makes the second one the answer of the first."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Header, Schema
from pydantic import Field

from accounts.requests import ActorRequest
from contracts.api.problems import Refused
from contracts.services.integrating import repeating

LONGEST_KEY = 64
OTHER = "この Idempotency-Key は、ほかの内容の求めに使われています。新しい求めには、新しい値を付けてください。"


class Key(Schema):
    """What every POST carries."""

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        min_length=8,
        max_length=LONGEST_KEY,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="この求めの一度きりの名（UUID など）。同じ値で同じ内容を送り直すと、初めの答えを返します",
        examples=["0b6f3a1e-5d1c-4a38-9f0a-3a7a0d6f2b11"],
    )


Once = Header[Key]


def once(request: ActorRequest, key: Key, do: Callable[[], tuple[int, Schema]]) -> HttpResponse:
    """Do what is asked, or answer as it was answered before; raises Refused for a key of another request."""
    token: Any = request.auth  # type: ignore[attr-defined]
    asked = hashlib.sha256(b"\0".join([request.path.encode(), request.body])).hexdigest()
    try:
        answer, is_repeated = repeating.once(
            token, key=key.idempotency_key, asked=asked, at=timezone.now(), do=lambda: _told(do())
        )
    except repeating.AnotherRequest as another:
        raise Refused("invalid", OTHER) from another
    headers = {"Idempotency-Replayed": "true"} if is_repeated else {}
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=headers)


def _told(answer: tuple[int, Schema]) -> tuple[int, str]:
    status, said = answer
    return status, json.dumps(said.model_dump(mode="json"), ensure_ascii=False)
