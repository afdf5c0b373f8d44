"""Which hosts are this machine or a private network, as far as their names tell."""

import ipaddress
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is this machine itself."""
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_private(host: str) -> bool:
    """Tell whether it is this machine, a private address, or a bare name as containers give each other."""
    address = _address(host)
    if address is not None:
        return address.is_private
    return is_loopback(host) or "." not in host or host.endswith((".internal", ".local", ".lan"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
