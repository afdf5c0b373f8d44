"""Where a request comes from: never what it claims, but what proxies that the configuration names have seen."""

import pytest
from django.test import RequestFactory

from accounts.middleware import client_ip

FRONT, INNER, STRANGER = "192.0.2.1", "192.0.2.9", "198.51.100.66"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (f"203.0.113.9, {INNER}", "203.0.113.9"),
        (f"198.51.100.1, 203.0.113.9, {INNER}, {INNER}", "203.0.113.9"),
        (f"{INNER}, {FRONT}", INNER),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, not-an-address", FRONT),
        ("203.0.113.9, ", FRONT),
        ("unknown", FRONT),
        ("203.0.113.9\r\nX: y", FRONT),
        ("", FRONT),
    ],
)
def test_the_hops_are_followed_from_the_right_as_long_as_they_are_our_own(settings, forwarded, expected):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = True, ["192.0.2.0/28"]
    request = RequestFactory().get("/", REMOTE_ADDR=FRONT, HTTP_X_FORWARDED_FOR=forwarded)

    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("behind_proxy", "trusted", "peer"),
    [(False, ["192.0.2.0/28"], FRONT), (True, [], FRONT), (True, ["192.0.2.0/28"], STRANGER), (True, ["::/0"], FRONT)],
)
def test_nobody_else_is_believed(settings, behind_proxy, trusted, peer):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = behind_proxy, trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")

    assert client_ip(request) == peer


def test_a_request_without_a_peer_comes_from_nowhere(settings):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = True, ["192.0.2.0/28"]

    assert client_ip(RequestFactory().get("/", REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="203.0.113.9")) is None
