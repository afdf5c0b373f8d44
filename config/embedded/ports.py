"""Loopback ports: whether one is free, and who sits on it."""

import random
import socket
from collections.abc import Iterable
from contextlib import suppress

import psutil

from config.embedded.errors import StackFailed

LOOPBACK = "127.0.0.1"
# 一時ポート（Linux は 32768 以上）より下から選ぶ。証明書に書いた番号が、外向きの接続に取られないように。
QUIET_PORTS = range(20_000, 32_000)
NONE_FREE = "空いているポートが見つかりません。"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick(preferred: Iterable[int] = ()) -> int:
    """Return the first free port of those preferred, else a random free one."""
    quiet = random.sample(QUIET_PORTS, 200)
    for port in (*preferred, *quiet):
        if is_free(port):
            return port
    raise StackFailed(NONE_FREE)


def listen(preferred: Iterable[int] = ()) -> socket.socket:
    """Listen on the first free port of those preferred, else on a random one; nobody else can take it any more."""
    for port in (*preferred, *random.sample(QUIET_PORTS, 200)):
        with suppress(OSError):
            return socket.create_server((LOOPBACK, port))
    raise StackFailed(NONE_FREE)


def occupant(port: int) -> str:
    """Name the process that listens on the port, as far as this user may see it."""
    for connection in psutil.net_connections(kind="tcp"):
        listens = connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", None) == port
        if listens and connection.pid:
            return f"{psutil.Process(connection.pid).name()}（PID {connection.pid}）"
    return "ほかのプログラム"


def demand(port: int, *, purpose: str, remedy: str) -> None:
    """Raise StackFailed, naming the occupant and the remedy, unless the port is free."""
    if not is_free(port):
        raise StackFailed(f"ポート {port}（{purpose}）は {occupant(port)} が使っています。{remedy}")
