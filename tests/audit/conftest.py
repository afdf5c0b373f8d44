import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.tenancy import acting_for
from audit import journal
from audit.models import Event

AT = datetime(2026, 3, 5, 1, 20, 30, 123456, tzinfo=UTC)


@pytest.fixture
def tenant_id() -> int:
    """A number no other test uses: committed events can never be removed again."""
    return secrets.randbelow(2**40) + 10**6


@pytest.fixture
def in_city(db, tenant_id: int) -> Iterator[int]:
    with acting_for(tenant_id):
        yield tenant_id


@pytest.fixture
def record(tenant_id: int) -> Callable[..., Event]:
    def write(action: str = "contract.sent", **changes: Any) -> Event:
        values: dict[str, Any] = {
            "tenant_id": tenant_id,
            "at": AT,
            "actor_kind": "staff",
            "actor_name": "髙﨑 𠮷郎",
            "ip": "192.0.2.7",
            "subject": "contract:12",
            "thread": "case:7",
            "data": {"件名": "轟木川護岸補修工事"},
        }
        return journal.record(action, **(values | changes))

    return write
