"""外への問いは、名の指す先が内側なら、つながない。確かめた番地と、つなぐ番地は同じもの。"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
import requests
from aiohttp import web

from outgoing import client, fence
from outgoing.sessions import session
from tests.signing.loopback import serving

FORBIDDEN = "許されていない番地"
MISSPELT = "書き方が正しくありません"


@pytest.fixture
def inside() -> Iterator[tuple[int, list[str]]]:
    """Serve on the loopback, remembering what was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/away":
            return web.Response(status=302, headers={"Location": "/kept"})
        return web.Response(text="secret")

    with serving(answer) as port:
        yield port, asked


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to each of the answers in turn, the last one for ever; return the names asked for."""
    names: list[str] = []
    really = socket.getaddrinfo

    def look(host: str, *args: Any, **options: Any) -> list[Any]:
        if host[0].isdigit():
            return really(host, *args, **options)
        found = answers[min(len(names), len(answers) - 1)]
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(fence.socket, "getaddrinfo", look)
    return names


INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:203.0.113.1",
    "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "100::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_closed(settings, address: str):
    settings.OUTGOING_PRIVATE = []

    assert not fence.is_open(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "203.0.112.1", "2001:4860:4860::8888", "2400:3200::1"])
def test_an_address_of_the_internet_is_open(settings, address: str):
    settings.OUTGOING_PRIVATE = []

    assert fence.is_open(ip_address(address))


def test_a_network_that_the_configuration_names_is_open_and_its_neighbours_are_not(settings):
    settings.OUTGOING_PRIVATE = ["10.1.2.0/24", "fd12::/16"]

    assert fence.is_open(ip_address("10.1.2.3"))
    assert fence.is_open(ip_address("fd12::3"))
    assert not fence.is_open(ip_address("10.1.3.3"))
    assert not fence.is_open(ip_address("::ffff:10.1.2.3"))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "100.100.100.200", "64:ff9b::7f00:1"])
def test_no_configuration_opens_what_hands_out_the_machines_own_papers(settings, address: str):
    settings.OUTGOING_PRIVATE = ["0.0.0.0/0", "64:ff9b::/96", "fe80::/10"]
    if address.startswith("64"):
        settings.OUTGOING_PRIVATE = ["64:ff9b::/96"]

    assert not fence.is_open(ip_address(address))


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", FORBIDDEN),
        ("[::1]", FORBIDDEN),
        ("[::ffff:127.0.0.1]", FORBIDDEN),
        ("[::ffff:7f00:1]", FORBIDDEN),
        ("localhost", FORBIDDEN),
        ("someone@127.0.0.1", FORBIDDEN),
        ("api.example.jp:x@127.0.0.1", FORBIDDEN),
        ("127.1", MISSPELT),
        ("0x7f.1", MISSPELT),
        ("0x7f000001", MISSPELT),
        ("0177.0.0.1", MISSPELT),
        ("2130706433", MISSPELT),
        ("api.example.0x7f", MISSPELT),
        ("127.0.0.1.", MISSPELT),
        ("１２７.0.0.1", MISSPELT),
        ("127。0。0。1", MISSPELT),
        ("ⓛocalhost", MISSPELT),
        ("api.example.jp\\@127.0.0.1", MISSPELT),
        ("api.example.jp %00127.0.0.1", MISSPELT),
        ("-api.example.jp", MISSPELT),
        ("a..example.jp", MISSPELT),
        (f"{'a' * 64}.example.jp", MISSPELT),
        ("[::1", MISSPELT),
    ],
)
@pytest.mark.parametrize("asker", ["ours", "requests"])
def test_no_spelling_of_this_machine_is_reached(settings, inside, host: str, why: str, asker: str):
    settings.OUTGOING_PRIVATE = []
    port, asked = inside
    url = f"http://{host}:{port}/x"

    if asker == "ours":
        with pytest.raises(client.Unreachable, match=why):
            client.ask(url, limit=100)
    else:
        with pytest.raises(requests.RequestException), session() as asking:
            asking.get(url, timeout=5)

    assert asked == []


def test_a_name_that_points_inside_is_not_reached(settings, inside, monkeypatch: pytest.MonkeyPatch):
    settings.OUTGOING_PRIVATE = []
    names = resolving(monkeypatch, ["127.0.0.1", "10.0.0.1"])

    with pytest.raises(client.Unreachable, match=FORBIDDEN):
        client.ask(f"http://api.example.jp:{inside[0]}/x", limit=100)
    with pytest.raises(requests.ConnectionError, match=FORBIDDEN), session() as asking:
        asking.get(f"http://api.example.jp:{inside[0]}/x")

    assert inside[1] == []
    assert names == ["api.example.jp"] * 2


@pytest.mark.parametrize("ask", [lambda url: client.ask(url, limit=100), lambda url: session().get(url)])
def test_a_name_that_changes_once_it_was_judged_gains_nothing(
    settings, inside, monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], Any]
):
    settings.OUTGOING_PRIVATE = []
    names = resolving(monkeypatch, ["203.0.112.7"], ["127.0.0.1"])
    connected: list[Any] = []

    def connect(where: tuple[str, int], _seconds: float) -> socket.socket:
        connected.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(fence.socket, "create_connection", connect)
    with pytest.raises((client.Unreachable, requests.ConnectionError)):
        ask(f"http://api.example.jp:{inside[0]}/x")

    assert connected == [("203.0.112.7", inside[0])]
    assert names == ["api.example.jp"]
    assert inside[1] == []


def test_of_a_name_with_addresses_on_both_sides_only_the_open_one_is_reached(
    settings, inside, monkeypatch: pytest.MonkeyPatch
):
    settings.OUTGOING_PRIVATE = ["127.0.0.0/8"]
    resolving(monkeypatch, ["10.0.0.1", "127.0.0.1"])

    assert client.ask(f"http://api.example.jp:{inside[0]}/x", limit=100).body == b"secret"


@pytest.mark.parametrize("ask", [lambda url: client.ask(url, limit=100).status, lambda url: session().get(url)])
def test_a_redirect_is_not_followed(inside, ask: Callable[[str], Any]):
    with contextlib.suppress(requests.TooManyRedirects):
        assert ask(f"http://127.0.0.1:{inside[0]}/away") == 302

    assert inside[1] == ["/away"]


@pytest.mark.parametrize("port", [0, 22, 25, 53, 110, 465, 587, 993, 70000])
def test_a_port_of_something_else_is_not_reached(port: int):
    with pytest.raises(client.Unreachable, match=r"ポート|書き方"):
        client.ask(f"http://127.0.0.1:{port}/x", limit=100)


def test_a_resolver_that_never_answers_costs_only_the_deadline(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.3)
    held = threading.Event()
    monkeypatch.setattr(fence.socket, "getaddrinfo", lambda *_args, **_options: [held.wait(30)][1:])
    started = time.monotonic()
    try:
        with pytest.raises(client.Unreachable, match="秒以内に接続できません"):
            client.ask("http://api.example.jp/x", limit=100)
    finally:
        held.set()

    assert time.monotonic() - started < 20


def test_a_name_that_nobody_knows_is_said_so(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(fence.socket, "getaddrinfo", unknown)

    with pytest.raises(client.Unreachable, match="名を引けません"):
        client.ask("http://api.example.jp/x", limit=100)


@pytest.mark.parametrize(
    "url", ["http://user:hunter2@127.0.0.1/t0ken", "http://u:hunter2@0x7f.1/t0ken", "https://a b/t0ken"]
)
def test_what_went_wrong_repeats_neither_credentials_nor_the_address(settings, url: str):
    settings.OUTGOING_PRIVATE = []

    with pytest.raises(client.Unreachable) as said:
        client.ask(url, limit=100)

    texts = [repr(said.value), repr(said.value.__cause__), repr(said.value.__context__)]
    assert not any(word in text for word in ("hunter2", "t0ken", "127.0.0.1") for text in texts)


def test_an_address_is_judged_by_its_writing_before_it_is_kept(settings):
    settings.OUTGOING_PRIVATE = []

    client.check("https://hooks.example.jp/x")
    for url in ("https://127.0.0.1/x", "https://intranet/x", "https://db.internal/x", "ftp://x/", "https://[::1]/x"):
        with pytest.raises(client.Unreachable):
            client.check(url)
