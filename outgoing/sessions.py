"""requests で外へ出る部品（シングルサインオン）のための、同じ柵。"""

import socket
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from outgoing import fence
from outgoing.client import CONNECT_SECONDS, TIMEOUT_SECONDS, Unreachable, check
from outgoing.proxies import proxy_for


def session() -> requests.Session:
    """Make a session that only reaches what the fence allows, follows no redirect and ignores the environment."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    for scheme in ("http://", "https://"):
        made.mount(scheme, FencedAdapter())
    return made


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self)


def _opened(connection: HTTPConnection) -> socket.socket:
    if connection.proxy is not None:  # 出口は運用者のもの。行き先は send が書き方を見た
        return socket.create_connection((connection.host, connection.port), CONNECT_SECONDS)
    return fence.connect(connection.host, int(connection.port or 0), seconds=CONNECT_SECONDS)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = cast(Any, _Plain)


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = cast(Any, _Secure)


POOLS = {"http": _PlainPool, "https": _SecurePool}


class FencedAdapter(HTTPAdapter):
    """Carry questions over connections of the fence's; raises requests' own ConnectionError for what is refused."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send within our own deadline, through the configured way out."""
        url = request.url or ""
        parts = urlsplit(url)
        proxy = proxy_for(parts.hostname or "")
        if proxy is not None:
            try:
                check(url)
            except Unreachable as error:
                raise requests.ConnectionError(str(error)) from None
        kwargs["proxies"] = {parts.scheme: proxy.url} if proxy else {}
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT_SECONDS, TIMEOUT_SECONDS)
        return super().send(request, *args, **kwargs)
