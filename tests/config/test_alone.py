"""The application speaks to nobody but those it is told to: the guard bites, and the story plays without a network."""

import http.client
import socket
import ssl

import pytest

from tests import fence


@pytest.fixture
def forgiven():
    """Let a test try what is refused."""
    yield
    fence.tried.clear()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("203.0.113.5", 443)], ids=["http", "https"])
def test_a_connection_to_another_machine_is_refused_and_noted(address, forgiven):
    with socket.socket() as line, pytest.raises(fence.Outside):
        line.connect(address)

    assert fence.tried == [str(address)]


def test_a_question_to_a_name_server_is_refused_too(forgiven):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, pytest.raises(fence.Outside):
        line.sendto(b"?", ("192.0.2.53", 53))

    assert len(fence.tried) == 1


def test_libraries_stand_behind_the_same_guard(forgiven):
    with pytest.raises(fence.Outside):
        http.client.HTTPSConnection("192.0.2.1", context=ssl.create_default_context(), timeout=5).connect()

    assert len(fence.tried) == 1


def test_this_machine_may_be_spoken_to():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        with socket.socket() as line:
            line.connect(door.getsockname())

    assert fence.tried == []


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        (("127.0.0.1", 1), True),
        (("::1", 1, 0, 0), True),
        (("localhost", 1), True),
        (("10.0.0.1", 1), False),
        (("example.jp", 1), False),
        ("/run/postgresql/.s.PGSQL.5432", True),
    ],
    ids=["v4", "v6", "name", "private", "far", "unix"],
)
def test_only_loopback_is_here(address, is_here):
    assert fence.is_here(address) is is_here
