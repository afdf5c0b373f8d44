"""門に通すための、短い言い回し。"""

from dataclasses import dataclass

import pytest

from signing import intake
from signing.trust import Trust

LIMIT = 250 * 1024 * 1024


@dataclass(frozen=True)
class Taken:
    """What came through the gate, read while it was open."""

    accepted: intake.Accepted
    content: bytes


def admitted(data: bytes, *, trust: Trust | None = None) -> Taken:
    """Let a file through the gate."""
    with intake.admit(data, max_bytes=LIMIT, trust=trust) as accepted:
        return Taken(accepted, accepted.kept.path.read_bytes())


def refusal(data: bytes, *, trust: Trust | None = None, limit: int = LIMIT) -> str:
    """Return the code of the refusal; its words always say what to do next."""
    with pytest.raises(intake.Refused) as refused, intake.admit(data, max_bytes=limit, trust=trust):
        pass
    assert str(refused.value).endswith("ください。")
    return refused.value.code
