"""No test speaks to anybody but this machine: a guard on every socket that Python opens, and what it saw.

PostgreSQL's own library and child processes are beyond it; for the whole, see `make alone`.
"""

import ipaddress
import socket
import sys
from typing import Any

SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
tried: list[str] = []


class Outside(ConnectionRefusedError):
    """Somebody tried to speak to another machine."""


def is_here(address: Any) -> bool:
    """Tell whether an address is this machine, or no address of a network at all."""
    if not isinstance(address, tuple) or not address:
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        known = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return known.is_loopback or known.is_unspecified


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, and note, whatever leaves this machine."""
    if event not in SENDING or not isinstance(arguments[0], socket.socket):
        return
    if arguments[0].family in {socket.AF_INET, socket.AF_INET6} and not is_here(arguments[1]):
        tried.append(str(arguments[1]))
        raise Outside(f"試験が外へつなごうとしました（{arguments[1]}）。")


def raise_it() -> None:
    """Put the guard up, for as long as this process lives."""
    sys.addaudithook(watch)
