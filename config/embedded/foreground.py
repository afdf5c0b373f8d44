"""Staying in the foreground: ending on a signal, noticing a service that fell."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from config.embedded.children import Children
from config.embedded.errors import StackFailed

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into KeyboardInterrupt, and ignore later ones while things stop."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def watch(children: Children) -> NoReturn:
    """Wait until interrupted; raise StackFailed when a child ends by itself."""
    while True:
        if (fallen := children.fallen()) is not None:
            raise StackFailed(f"{fallen.name} が止まりました（{fallen.log}）。\n{fallen.last_words()}")
        time.sleep(0.5)
