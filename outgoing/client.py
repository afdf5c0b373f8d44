"""外への HTTP。柵の内へはつながず、つなぎを保ち、締切と大きさの上限を読みながら守る。転送には従わない。"""

import atexit
import base64
import functools
import http.client
import os
import re
import select
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from outgoing import fence
from outgoing.proxies import Proxy, proxy_for

TIMEOUT_SECONDS = 10.0  # 一つの問いの、つなぎ始めから読み終わりまで
CONNECT_SECONDS = 4.0
LARGEST_TUNNEL_ANSWER = 64 * 1024
WRITTEN = re.compile(r"[!-\[\]-~]+")  # 空白、制御文字、逆斜線、ASCII の外の字は、読む相手ごとに別の宛先になる
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
    except fence.Fenced as error:
        raise Unreachable(str(error)) from None
    except TimeoutError as error:
        raise Unreachable(f"{TIMEOUT_SECONDS:.0f}秒以内に応答がありません") from error
    except ssl.SSLCertVerificationError as error:
        raise Unreachable("接続先のサーバ証明書を確かめられません") from error
    except OSError as error:
        raise Unreachable("接続できません") from error
    except http.client.HTTPException as error:
        raise Unreachable("HTTP として読めない応答が返りました") from error


def check(url: str) -> None:
    """Raise Unreachable for an address that is plainly nothing to ask, before anybody keeps it; looks no name up."""
    place = _Place.of(url)
    try:
        fence.check_for_proxy(place.host, place.port)
    except fence.Fenced as error:
        raise Unreachable(str(error)) from None


class ConnectTimeout(Exception):
    """Nobody took the connection in time."""


@dataclass(frozen=True)
class _Place:
    """An address, taken apart once."""

    secure: bool
    host: str
    port: int
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    @functools.lru_cache(maxsize=64)
    def of(cls, url: str) -> "_Place":
        """Read an http or https address; a user and password in it become Basic credentials (RFC 7617)."""
        try:
            parts = urlsplit(url)
            port = parts.port if parts.port is not None else 443 if parts.scheme == "https" else 80
        except ValueError:
            raise Unreachable("宛先の書き方が正しくありません") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreachable("http でも https でもない宛先です")
        if not WRITTEN.fullmatch(url):
            raise Unreachable("宛先の書き方が正しくありません")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {}
        if parts.username is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(credentials).decode()
        return cls(parts.scheme == "https", parts.hostname, port, target, headers)

    @property
    def origin(self) -> tuple[bool, str, int]:
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
        super().__init__(place.host, place.port)
        self.place = place
        self.proxy: Proxy | None = None
        self.kept_at = 0.0

    def connect(self) -> None:
        """Open within the shorter of both deadlines, to an address that the fence has judged."""
        self.proxy = proxy_for(self.host)
        try:
            opened = self._opened(min(CONNECT_SECONDS, _left(self.deadline)))
        except TimeoutError as error:
            raise ConnectTimeout from error
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = _Plain(fileno=opened.detach())
        self.sock.deadline = self.deadline
        if self.proxy and self.place.secure:
            self._tunnel_through(self.proxy)
        if self.place.secure:
            self.sock.hurry()
            self.sock = cast(_Secure, _tls().wrap_socket(self.sock, server_hostname=self.host))

    def _opened(self, seconds: float) -> socket.socket:
        if self.proxy is None:
            return fence.connect(self.host, self.port, seconds=seconds)
        fence.check_for_proxy(self.host, self.port)
        return socket.create_connection((self.proxy.host, self.proxy.port), seconds)

    def _tunnel_through(self, proxy: Proxy) -> None:
        """Ask the proxy for a line to the other side (RFC 9110 9.3.6)."""
        where = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        headers = [f"{name}: {value}" for name, value in {"Host": where, **proxy.headers}.items()]
        self.sock.sendall("\r\n".join([f"CONNECT {where} HTTP/1.1", *headers, "", ""]).encode("ascii"))
        said = b""
        while not said.endswith(b"\r\n\r\n") and len(said) < LARGEST_TUNNEL_ANSWER:
            self.sock.hurry()
            more = self.sock.recv(1)
            if not more:
                break
            said += more
        if not re.match(rb"HTTP/1\.[01] 2[0-9][0-9][ \r]", said):
            raise Unreachable("外への出口（proxy）が、接続を受け付けません")

    def exchange(self, question: _Question) -> Answer:
        """Ask once and keep the connection for the next question, or close it."""
        self.deadline = question.deadline
        try:
            if self.sock is None:
                self.connect()
            self.sock.deadline = question.deadline
            self.sock.hurry()
            method = "GET" if question.body is None else "POST"
            self.request(method, *self._asked(question))
            answer = self._read(question.limit)
        except BaseException:
            self.close()
            raise
        if self.sock is not None:
            self.kept_at = time.monotonic()
            _kept[self.place.origin].append(self)
        return answer

    def _asked(self, question: _Question) -> tuple[str, bytes | None, dict[str, str]]:
        """Name the whole address to a proxy that passes plain questions on (RFC 9112 3.2.2)."""
        if self.proxy is None or self.place.secure:
            return self.place.target, question.body, dict(question.headers)
        where = f"[{self.host}]" if ":" in self.host else self.host
        target = f"http://{where}:{self.port}{self.place.target}"
        return target, question.body, {**question.headers, **self.proxy.headers}

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


_kept: defaultdict[tuple[bool, str, int], list[_Connection]] = defaultdict(list)


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
