"""Where a request comes from: never what it claims, but what our own proxy saw."""

import pytest
from django.test import RequestFactory

from accounts.middleware import client_ip


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "203.0.113.9", "192.0.2.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "not-an-address", "192.0.2.1"),
        (True, "", "192.0.2.1"),
    ],
)
def test_only_the_last_hop_written_by_our_proxy_is_believed(settings, behind_proxy, forwarded, expected):
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_ip(request) == expected
