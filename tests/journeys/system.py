"""The whole product running in a directory of its own: services, web, worker and beat."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from config.embedded import ports, processes, setup
from config.embedded.stack import Stack

# 試験の部品を指している。旅の製品は、人が起動するときと同じく自分の部品と設定で動く。
OF_THE_SUITE = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OPS_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


@contextmanager
def running(root: Path) -> Iterator[Stack]:
    """Start everything as a person would who has just cloned the repository, and stop it at the end."""
    with ExitStack() as stopping:
        with pytest.MonkeyPatch.context() as outside:
            for name in OF_THE_SUITE:
                outside.delenv(name, raising=False)
            stack = stopping.enter_context(Stack(root, web_port=ports.pick(), durable=False))
            setup.prepare(stack, static=True)
            processes.start(stack)
        yield stack
