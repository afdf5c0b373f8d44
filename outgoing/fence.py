"""外へつなぐ前の柵: 名を引き、番地を見て、見たその番地にだけつなぐ。

名の指す先は尋ねるたびに替えられる（DNS rebinding）ので、確かめた後にもう一度名を引くことはしない。
"""

import functools
import os
import queue
import re
import socket
import threading
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 318, 443})  # 318 は RFC 3161 の TSA に割り当てられた番号
FIRST_FREE_PORT = 1024
LOOKUPS = 16  # 答えない DNS を、同時に待つ数

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z", re.IGNORECASE)
# 127.1、0x7f.0.0.1、2130706433 のような、番地の古い書き方
ODD_ADDRESS = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)\Z", re.I)
OUR_OWN_NAMES = re.compile(r"[^.]+|.*\.(?:localhost|local|localdomain|internal|intranet|lan|home\.arpa)", re.I)


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in written)


# 設定で名指しても開かない: 自分自身、同じ線の上、同報、クラウドの機械の身分証を配る番地
NEVER = _networks(
    "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "100.100.100.200/32", "168.63.129.16/32",
    "192.0.0.192/32", "::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
)  # fmt: skip
# IANA の特別な用途の番地（RFC 6890 と、その後の登録）
PRIVATE_IPV4 = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
)  # fmt: skip
PUBLIC_IPV6 = IPv6Network("2000::/3")
PRIVATE_IPV6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
NAT64, COMPATIBLE = IPv6Network("64:ff9b::/96"), IPv6Network("::/96")


class Fenced(OSError):
    """Say why something may not be reached, without repeating what was written."""


def connect(host: str, port: int, *, seconds: float) -> socket.socket:
    """Open a connection to an address that was judged; raises Fenced, TimeoutError, OSError."""
    deadline = time.monotonic() + seconds
    addresses = judged(host, port, seconds=seconds)
    failure: OSError = Fenced("接続先の名を引けません")
    for nth, address in enumerate(addresses):
        left = (deadline - time.monotonic()) / (1 if nth + 1 == len(addresses) else 2)
        if left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((str(address), port), left)
        except OSError as error:
            failure = error
    raise failure


def judged(host: str, port: int, *, seconds: float) -> list[Address]:
    """Return the addresses of a host that may be reached; raises Fenced when there is none."""
    check_port(port)
    written = literal(host)
    found = [written] if written else _looked_up(host, seconds)
    allowed = [each for each in found if is_open(each)]
    if not allowed:
        raise Fenced("外からの接続先として許されていない番地です")
    return allowed


def check_port(port: int) -> None:
    """Refuse the ports of mail, shells and the like."""
    if not (port in WEB_PORTS or FIRST_FREE_PORT <= port <= 65535):
        raise Fenced("接続先のポートが、HTTP のものではありません")


def literal(host: str) -> Address | None:
    """Read a host that is written as an address; raises Fenced for spellings that are neither address nor name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if ODD_ADDRESS.match(host) or not NAME.match(host):
        raise Fenced("接続先の名の書き方が正しくありません")
    return None


def check_for_proxy(host: str, port: int) -> None:
    """Refuse what can be told from the writing alone: behind a proxy, it is the proxy that looks names up."""
    check_port(port)
    written = literal(host)
    if (written and not is_open(written)) or (written is None and OUR_OWN_NAMES.fullmatch(host)):
        raise Fenced("外からの接続先として許されていない番地です")


def is_open(address: Address) -> bool:
    """Tell whether an address is one of the Internet, or of a network that the configuration names."""
    if address.version == 6 and address.scope_id:
        return False
    if _is_in(address, NEVER):
        return False
    carried = _carried(address)
    if carried is not None and not is_open(carried):
        return False
    return _is_in(address, _named(tuple(settings.OUTGOING_PRIVATE))) or (carried is None and _is_public(address))


def _is_public(address: Address) -> bool:
    if address.version == 4:
        return not _is_in(address, PRIVATE_IPV4)
    return address in PUBLIC_IPV6 and not _is_in(address, PRIVATE_IPV6)


def _carried(address: Address) -> IPv4Address | None:
    """Return the IPv4 address inside an IPv6 one: mapped, compatible, 6to4, Teredo or NAT64."""
    if address.version == 4:
        return None
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@functools.cache
def _named(written: tuple[str, ...]) -> tuple[Network, ...]:
    return _networks(*written)


_lookups = threading.BoundedSemaphore(LOOKUPS)


def _after_fork() -> None:
    global _lookups
    _lookups = threading.BoundedSemaphore(LOOKUPS)


os.register_at_fork(after_in_child=_after_fork)


def _looked_up(host: str, seconds: float) -> list[Address]:
    """Look a name up in a thread of its own: getaddrinfo(3) knows no deadline."""
    free, answers = _lookups, queue.SimpleQueue[list[Address] | OSError]()
    if not free.acquire(timeout=seconds):
        raise TimeoutError

    def look() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put([ip_address(each[4][0]) for each in found])
        except OSError as error:
            answers.put(error)
        finally:
            free.release()

    threading.Thread(target=look, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise Fenced("接続先の名を引けません")
    return list(dict.fromkeys(answer))
