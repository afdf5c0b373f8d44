"""出口（proxy）が決まっていれば、どの問いもそこを通り、内側の名は頼まない。"""

import base64
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from outgoing import client
from outgoing.proxies import proxy_for
from outgoing.sessions import session

Ask = Callable[[str, dict[str, str]], object]
EXPECTED = "Basic " + base64.b64encode(b"musubi:s3cret").decode()


class Proxy(socketserver.ThreadingTCPServer):
    """Remember what was asked, and answer it; a tunnel leads nowhere."""

    allow_reuse_address = True

    def __init__(self, tunnel: bytes) -> None:
        self.heads: list[str] = []
        self.tunnel = tunnel
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://musubi:s3cret@127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        self.server.heads.append(head.decode())
        if head.startswith(b"CONNECT"):
            self.wfile.write(self.server.tunnel)
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


@contextmanager
def proxying(tunnel: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> Iterator[Proxy]:
    with Proxy(tunnel) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


@pytest.fixture
def proxy(settings) -> Iterator[Proxy]:
    with proxying() as running:
        settings.OUTGOING_PROXY, settings.OUTGOING_PRIVATE = running.url, []
        yield running


def test_a_plain_question_names_the_whole_address_to_the_proxy(proxy: Proxy):
    answer = client.ask("http://tsa.example.jp/tsr?a=1", limit=100, body=b"question")

    assert answer.body == b"ok"
    (head,) = proxy.heads
    assert head.startswith("POST http://tsa.example.jp:80/tsr?a=1 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: {EXPECTED}\r\n" in head


def test_requests_pass_the_proxy_too(proxy: Proxy):
    with session() as asking:
        assert asking.get("http://idp.example.jp/keys").text == "ok"

    assert proxy.heads[0].startswith("GET http://idp.example.jp/keys HTTP/1.1\r\n")
    assert f"Proxy-Authorization: {EXPECTED}\r\n" in proxy.heads[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda url, headers: client.ask(url, limit=100, headers=headers),
        lambda url, headers: session().get(url, headers=headers),
    ],
    ids=["ours", "requests"],
)
def test_a_secure_question_goes_through_a_tunnel_that_alone_learns_the_proxys_password(proxy: Proxy, ask: Ask):
    said = {"Authorization": "Bearer x"}
    with pytest.raises((client.Unreachable, requests.RequestException)):  # この出口の先には、だれもいない
        ask("https://tsa.example.jp/t0ken", said)

    assert proxy.heads[0].startswith("CONNECT tsa.example.jp:443 HTTP/1.")
    assert EXPECTED in proxy.heads[0]
    assert "t0ken" not in "".join(proxy.heads)
    assert "Bearer" not in "".join(proxy.heads)


@pytest.mark.parametrize("tunnel", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"", b"220 mail ESMTP\r\n\r\n"])
def test_a_proxy_that_declines_is_named_without_its_password(settings, tunnel: bytes):
    with proxying(tunnel) as running:
        settings.OUTGOING_PROXY = running.url

        with pytest.raises(client.Unreachable, match="出口") as said:
            client.ask("https://tsa.example.jp/x", limit=100)

    assert "s3cret" not in repr(said.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "localhost", "db", "x.internal"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxy_is_not_asked_for_what_lies_inside(proxy: Proxy, host: str, scheme: str):
    with pytest.raises(client.Unreachable, match="許されていない番地"):
        client.ask(f"{scheme}://{host}/x", limit=100)
    with pytest.raises(requests.ConnectionError), session() as asking:
        asking.get(f"{scheme}://{host}/x")

    assert proxy.heads == []


@pytest.mark.parametrize(
    ("host", "direct"),
    [
        ("tsa.city.example.jp", True),
        ("TSA.city.example.jp", True),
        ("a.lgwan.example.jp", True),
        ("lgwan.example.jp", False),
        ("10.1.2.3", True),
        ("10.2.2.3", False),
        ("fd12::3", True),
        ("tsa.example.jp", False),
    ],
)
def test_some_are_reached_without_the_proxy(settings, host: str, direct: bool):
    settings.OUTGOING_PROXY = "http://127.0.0.1:3128"
    settings.OUTGOING_DIRECT = ["tsa.city.example.jp", ".lgwan.example.jp", "10.1.0.0/16", "fd12::/16"]

    assert (proxy_for(host) is None) is direct
