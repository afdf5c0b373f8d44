"""Keep one event loop and one HTTP session per process, opened after fork and never closed between calls."""

import asyncio
import atexit
import os
import threading
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import aiohttp

TIMEOUT_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 120.0

Answer = TypeVar("Answer")


class _Line:
    """An event loop in a thread of its own, so that sync code in any thread can wait for it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.session: aiohttp.ClientSession | None = None
        threading.Thread(target=self.loop.run_forever, name="signing-network", daemon=True).start()

    async def close(self) -> None:
        """Close the session and end the thread."""
        if self.session is not None:
            await self.session.close()
        self.loop.call_soon(self.loop.stop)


class _Lines:
    """Hold the line of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.current: _Line | None = None
        self.inherited: list[_Line] = []

    def mine(self) -> _Line:
        """Return this process's line, opening it at the first call."""
        with self.lock:
            if self.current is None:
                self.current = _Line()
            return self.current

    def forked(self) -> None:
        """Leave the parent's line alone: closing it here would speak on the parent's sockets."""
        self.lock = threading.Lock()
        if self.current is not None:
            self.inherited.append(self.current)
        self.current = None

    def close(self) -> None:
        """Close this process's line at exit."""
        if self.current is not None:
            asyncio.run_coroutine_threadsafe(self.current.close(), self.current.loop).result(TIMEOUT_SECONDS)
            self.current = None


_lines = _Lines()
os.register_at_fork(after_in_child=_lines.forked)
atexit.register(_lines.close)


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a coroutine on this process's line and wait for its answer."""
    future = asyncio.run_coroutine_threadsafe(work, _lines.mine().loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()  # 待つのをやめた仕事（Celery の時間切れなど）を裏で続けさせない
        raise


async def session() -> aiohttp.ClientSession:
    """Return the session of this process's line; call it from work given to run()."""
    line = _lines.mine()
    if line.session is None:
        line.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        )
    return line.session


def now() -> datetime:
    """Read this machine's clock, against which answers from the network are judged."""
    return datetime.fromtimestamp(time.time(), UTC)
