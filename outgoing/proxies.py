"""外への出口: 設定された proxy を通る先と、じかに行く先。"""

import base64
import functools
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Proxy:
    """The operator's own way out; it is not fenced, and it looks names up."""

    host: str
    port: int
    headers: dict[str, str] = field(repr=False)
    url: str = field(repr=False)


def proxy_for(host: str) -> Proxy | None:
    """Return the proxy that a host is reached through; none for those of OUTGOING_DIRECT."""
    if not settings.OUTGOING_PROXY or any(_is_direct(host.lower(), each) for each in settings.OUTGOING_DIRECT):
        return None
    return _read(settings.OUTGOING_PROXY)


def _is_direct(host: str, written: str) -> bool:
    """Match a name, the names under `.name`, or the addresses of a network."""
    try:
        network = ip_network(written)
    except ValueError:
        return host == written.lower() or (written.startswith(".") and host.endswith(written.lower()))
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.version == network.version and address in network


@functools.lru_cache(maxsize=4)
def _read(url: str) -> Proxy:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ImproperlyConfigured("OUTGOING_PROXY は http://ホスト:ポート の形で書いてください。")
    headers = {}
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(credentials).decode()
    return Proxy(parts.hostname, parts.port or 3128, headers, url)
