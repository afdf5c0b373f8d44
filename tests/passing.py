"""What is done in the database passes away again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def passing(blocker: Any) -> Iterator[None]:
    """Let the database be used until the block ends, and take back what was done; blocks lie within one another."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
