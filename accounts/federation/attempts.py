"""Ways to an identity provider that a browser has set out on: kept in its session, each used once, none for long."""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest

KEY = "sign_on"
LIFE_SECONDS = 600
MOST = 5


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Attempt:
    """One way there: what must come back with whoever returns, and where they go on."""

    provider_id: int
    at: float
    onward: str = ""
    # 設定を試している運用管理者。サインインではない
    tester_id: int | None = None
    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    verifier: str = field(default_factory=_random)


def keep(request: HttpRequest, attempt: Attempt) -> None:
    """Remember an attempt in this browser; the oldest are forgotten."""
    held = [each for each in _held(request) if attempt.at - each["at"] < LIFE_SECONDS][-(MOST - 1) :]
    request.session[KEY] = [*held, asdict(attempt)]


def take(request: HttpRequest, value: str, *, at: float, by: str = "state") -> Attempt | None:
    """Find the attempt of this browser with a state, and forget it: whoever comes back twice comes in vain."""
    held = _held(request)
    found = next((each for each in held if secrets.compare_digest(each[by].encode(), value.encode())), None)
    if found is None:
        return None
    request.session[KEY] = [each for each in held if each is not found]
    return Attempt(**found) if 0 <= at - found["at"] < LIFE_SECONDS else None


def _held(request: HttpRequest) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = request.session.get(KEY, [])
    return held
