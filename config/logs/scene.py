"""What every line written now is about: the request or the task at hand."""

import ipaddress
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_scene: ContextVar[dict[str, Any] | None] = ContextVar("scene", default=None)
REQUEST_ID = re.compile(r"[0-9a-f]{16,32}")


@contextmanager
def of(**facts: Any) -> Iterator[dict[str, Any]]:
    """Let the lines written inside carry these facts; more may be added to what is yielded."""
    token = _scene.set(facts)
    try:
        yield facts
    finally:
        _scene.reset(token)


def current() -> dict[str, Any]:
    return _scene.get() or {}


def number(given: str) -> str:
    """Take over the number that our own proxy has given a request, or give it one."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def neighbourhood(address: str | None) -> str:
    """Cut an address to its network (/24, /48): enough to see an attack, too little to tell a person."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{known}/{24 if known.version == 4 else 48}", strict=False))
