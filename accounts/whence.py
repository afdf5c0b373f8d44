"""Where a request comes from: the peer, or what our own proxies wrote down, hop by hop and never further."""

import functools
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address


def address_of(meta: Mapping[str, Any]) -> str | None:
    """Name the address of who asks; names in X-Forwarded-For count only where a trusted proxy wrote them."""
    here = _read(meta.get("REMOTE_ADDR") or "")
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if settings.BEHIND_PROXY else []
    # 右端は、つないできた装置が書いたもの。信じる装置が続くあいだだけ、左へたどる。
    while hops and here is not None and _is_trusted(here):
        said = _read(hops.pop())
        if said is None:
            break
        here = said
    return str(here) if here is not None else None


def is_trusted_proxy(meta: Mapping[str, Any]) -> bool:
    """Tell whether the peer is one of the proxies that the configuration names."""
    peer = _read(meta.get("REMOTE_ADDR") or "")
    return settings.BEHIND_PROXY and peer is not None and _is_trusted(peer)


def _is_trusted(address: Address) -> bool:
    networks = _networks(tuple(settings.TRUSTED_PROXIES))
    return any(address.version == network.version and address in network for network in networks)


@functools.cache
def _networks(written: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(ip_network(each) for each in written)


def _read(text: str) -> Address | None:
    """Read an address, with or without a port; an IPv4 address dressed as IPv6 is itself."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address
