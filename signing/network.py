"""外への HTTP。つなぎを保ち、締切と大きさの上限を読みながら守る。転送には従わない。"""

import atexit
import base64
import functools
import http.client
import os
import select
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10.0  # 一つの問いの、つなぎ始めから読み終わりまで
CONNECT_SECONDS = 4.0
KEEP_SECONDS = 60.0  # これより長く黙ったつなぎは、途中の装置に忘れられているかもしれない


class Unreachable(Exception):
    """Say why no usable answer came."""


@dataclass(frozen=True)
class Answer:
    """What came back, at most as many bytes as were allowed."""

    status: int
    content_type: str
    body: bytes


def ask(url: str, *, limit: int, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """GET, or POST a body, over a kept connection; `limit` in bytes; raises Unreachable with the reason in Japanese."""
    place = _Place.of(url)
    question = _Question(body, {**place.headers, **(headers or {})}, limit, time.monotonic() + TIMEOUT_SECONDS)
    try:
        return _exchange(place, question)
    except ConnectTimeout as error:
        raise Unreachable(f"{CONNECT_SECONDS:.0f}秒以内に接続できません") from error
    except TimeoutError as error:
        raise Unreachable(f"{TIMEOUT_SECONDS:.0f}秒以内に応答がありません") from error
    except ssl.SSLCertVerificationError as error:
        raise Unreachable("接続先のサーバ証明書を確かめられません") from error
    except OSError as error:
        raise Unreachable("接続できません") from error
    except http.client.HTTPException as error:
        raise Unreachable("HTTP として読めない応答が返りました") from error


def now() -> datetime:
    """Read this machine's clock, against which answers from the network are judged."""
    return datetime.fromtimestamp(time.time(), UTC)


class ConnectTimeout(Exception):
    """Nobody took the connection in time."""


@dataclass(frozen=True)
class _Place:
    """An address, taken apart once."""

    secure: bool
    host: str
    port: int | None
    target: str
    headers: Mapping[str, str]

    @classmethod
    @functools.lru_cache(maxsize=64)
    def of(cls, url: str) -> "_Place":
        """Read an http or https address; a user and password in it become Basic credentials (RFC 7617)."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreachable("http でも https でもない宛先です")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {}
        if parts.username is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(credentials).decode()
        return cls(parts.scheme == "https", parts.hostname, parts.port, target, headers)

    @property
    def origin(self) -> tuple[bool, str, int | None]:
        """Return what connections are shared by."""
        return self.secure, self.host, self.port


@dataclass(frozen=True)
class _Question:
    body: bytes | None
    headers: Mapping[str, str]
    limit: int
    deadline: float


class _Hurried:
    """A socket of which every wait ends at the question's deadline, however slowly the bytes drip."""

    deadline = 0.0

    def hurry(self) -> None:
        """Allow only what is left; raises TimeoutError when nothing is."""
        self.settimeout(_left(self.deadline))  # type: ignore[attr-defined]

    def recv_into(self, *args: Any) -> int:
        """Read within what is left."""
        self.hurry()
        return super().recv_into(*args)  # type: ignore[misc, no-any-return]


class _Plain(_Hurried, socket.socket):
    pass


class _Secure(_Hurried, ssl.SSLSocket):
    pass


class _Connection(http.client.HTTPConnection):
    sock: _Plain | _Secure
    deadline = 0.0

    def __init__(self, place: _Place) -> None:
        super().__init__(place.host, place.port or (443 if place.secure else 80))
        self.place = place
        self.kept_at = 0.0

    def connect(self) -> None:
        """Open within the shorter of both deadlines."""
        try:
            opened = socket.create_connection((self.host, self.port), min(CONNECT_SECONDS, _left(self.deadline)))
        except TimeoutError as error:
            raise ConnectTimeout from error
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.place.secure:
            self.sock = cast(_Secure, _tls().wrap_socket(opened, server_hostname=self.host))
        else:
            self.sock = _Plain(fileno=opened.detach())

    def exchange(self, question: _Question) -> Answer:
        """Ask once and keep the connection for the next question, or close it."""
        self.deadline = question.deadline
        try:
            if self.sock is None:
                self.connect()
            self.sock.deadline = question.deadline
            self.sock.hurry()
            method = "GET" if question.body is None else "POST"
            self.request(method, self.place.target, question.body, dict(question.headers))
            answer = self._read(question.limit)
        except BaseException:
            self.close()
            raise
        if self.sock is not None:
            self.kept_at = time.monotonic()
            _kept[self.place.origin].append(self)
        return answer

    def _read(self, limit: int) -> Answer:
        with self.getresponse() as response:
            body = response.read(limit + 1)
            if len(body) > limit:
                raise Unreachable("応答が大きすぎます")
            if response.length:
                raise Unreachable("応答が途中で切れました")
            return Answer(response.status, response.headers.get_content_type(), body)

    @property
    def alive(self) -> bool:
        """Tell whether it was used lately and the other side has neither closed nor spoken unasked."""
        if time.monotonic() - self.kept_at > KEEP_SECONDS:
            return False
        watch = select.poll()
        watch.register(self.sock, select.POLLIN)
        return not watch.poll(0)


_kept: defaultdict[tuple[bool, str, int | None], list[_Connection]] = defaultdict(list)


def _exchange(place: _Place, question: _Question) -> Answer:
    connections = _kept[place.origin]
    while connections:
        connection = connections.pop()
        if not connection.alive:
            connection.close()
            continue
        connection.place = place
        try:
            return connection.exchange(question)
        except ConnectionError:
            break  # 保っていたつなぎを、相手がちょうど閉じた。同じ問いを新しいつなぎで、もう一度だけ
    return _Connection(place).exchange(question)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@functools.cache
def _tls() -> ssl.SSLContext:
    """Make one context per process: building it costs more than a hundred questions."""
    context = ssl.create_default_context()
    context.sslsocket_class = _Secure
    return context


def _close_kept() -> None:
    for connections in _kept.values():
        for connection in connections:
            connection.close()
    _kept.clear()


# fork した子は、親のつなぎで話さない。子で閉じても、親の側のつなぎは切れない。
os.register_at_fork(after_in_child=_close_kept)
atexit.register(_close_kept)
