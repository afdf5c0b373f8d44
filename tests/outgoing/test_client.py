"""外への問いは、保ったつなぎで、締切と大きさの上限の中でだけ行われる。"""

import base64
import multiprocessing
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from outgoing import client
from tests.signing.faulty_responders import Authority
from tests.signing.loopback import serving

LIMIT = 1000


class Server:
    """Remember the connections, and what was asked over them."""

    def __init__(self) -> None:
        self.connections: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.port = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.connections.append(request.transport)
        self.headers.append(dict(request.headers))
        return web.Response(text=f"{request.method} {await request.text()}")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    with serving(made.answer) as port:
        made.port = port
        yield made


def test_it_gets_and_posts_over_one_connection(server: Server):
    url = f"http://127.0.0.1:{server.port}/x"

    assert client.ask(url, limit=LIMIT).body == b"GET "
    assert client.ask(url, limit=LIMIT, body=b"question").body == b"POST question"
    assert len(set(server.connections)) == 1


def test_a_user_and_password_in_the_address_become_basic_credentials(server: Server):
    client.ask(f"http://us%40er:p%3Ass@127.0.0.1:{server.port}/x", limit=LIMIT)

    assert server.headers[0]["Authorization"] == "Basic " + base64.b64encode(b"us@er:p:ss").decode()
    assert "p%3Ass" not in server.headers[0]["Host"]


def test_credentials_are_not_carried_to_another_question_of_the_same_place(server: Server):
    client.ask(f"http://user:pass@127.0.0.1:{server.port}/x", limit=LIMIT)
    client.ask(f"http://127.0.0.1:{server.port}/x", limit=LIMIT)

    assert "Authorization" not in server.headers[1]


def test_a_connection_silent_for_too_long_is_replaced(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "KEEP_SECONDS", -1.0)
    for _time in range(2):
        client.ask(f"http://127.0.0.1:{server.port}/x", limit=LIMIT)

    assert len(set(server.connections)) == 2


def test_a_forked_worker_does_not_speak_on_its_parents_connection(server: Server):
    url = f"http://127.0.0.1:{server.port}/x"
    client.ask(url, limit=LIMIT)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=client.ask, args=(url,), kwargs={"limit": LIMIT})
    child.start()
    child.join(10)
    client.ask(url, limit=LIMIT)

    assert child.exitcode == 0
    assert server.connections[0] is server.connections[2]
    assert len(set(server.connections)) == 2


def test_threads_have_a_connection_each(server: Server):
    url = f"http://127.0.0.1:{server.port}/x"
    answers: list[bool] = []

    def talk(number: int) -> None:
        for _time in range(20):
            body = str(number).encode()
            answers.append(client.ask(url, limit=LIMIT, body=body).body.removeprefix(b"POST ") == body)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert answers == [True] * 160
    assert len(set(server.connections)) <= 8


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "127.0.0.1/x", "http:///x"])
def test_only_http_and_https_are_asked(url: str):
    with pytest.raises(client.Unreachable, match="http でも https でも"):
        client.ask(url, limit=LIMIT)


def test_what_is_not_http_is_named():
    with _saying(b"220 mail.example.jp ESMTP\r\n") as port, pytest.raises(client.Unreachable, match="HTTP として"):
        client.ask(f"http://127.0.0.1:{port}/x", limit=LIMIT)


def test_nobody_who_takes_the_connection_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for each in (first, second):  # 待ち行列を埋めると、次の SYN には答えがない
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())

        with pytest.raises(client.Unreachable, match="秒以内に接続できません"):
            client.ask(f"http://127.0.0.1:{deaf.getsockname()[1]}/x", limit=LIMIT)


# TLS ----------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """Serve over TLS with a certificate of an authority of our own."""
    authority, made = Authority(), Server()
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = authority.issue("localhost", by="root", to="responder", extensions=(names,))
    key = authority.keys["responder"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(key + certificate.public_bytes(Encoding.PEM))
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    with serving(made.answer, context) as port:
        made.port = port
        yield made, tmp_path / "root.pem"


def test_a_certificate_nobody_vouches_for_is_refused(secure: tuple[Server, Path]):
    with pytest.raises(client.Unreachable, match="サーバ証明書"):
        client.ask(f"https://localhost:{secure[0].port}/x", limit=LIMIT)


def test_tls_is_kept_up_between_questions(secure: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch):
    server, root = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    client._tls.cache_clear()
    try:
        for _time in range(3):
            assert client.ask(f"https://localhost:{server.port}/x", limit=LIMIT, body=b"q").body == b"POST q"
    finally:
        client._tls.cache_clear()
        client._close_kept()

    assert len(set(server.connections)) == 1


@contextmanager
def _saying(words: bytes) -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def speak() -> None:
            taken, _address = listening.accept()
            with taken:
                taken.sendall(words)
                taken.recv(1000)

        thread = threading.Thread(target=speak)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()
