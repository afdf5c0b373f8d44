"""What every answer tells browsers, whoever asks and whatever becomes of the request."""

import http.client
import json
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings as ours
from django.test import Client

from tests.signing.conftest import free_port

pytestmark = pytest.mark.django_db
EVERYWHERE = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ADDRESSES = ["/accounts/login/", "/verify/", "/no-such-city/rules/", "/accounts/", "/robots.txt"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_how_it_may_be_used(client, address):
    response = client.get(address)

    assert {name: response[name] for name in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in response["Permissions-Policy"]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not any(word in policy for word in ("unsafe", "*", "http:", "blob:"))


def test_the_health_page_and_a_wrong_host_say_so_too(client):
    for response in (client.get("/healthz"), client.get("/verify/", HTTP_HOST="evil.example.com")):
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"])
def test_other_methods_are_refused_everywhere(client, method):
    for address in ADDRESSES:
        response = client.generic(method, address)

        assert response.status_code == 405
        assert response.content == b""


def test_what_someone_signed_in_saw_is_kept_by_no_browser(client):
    client.cookies[ours.SESSION_COOKIE_NAME] = "a-session"

    assert "no-store" in client.get("/verify/acrobat/")["Cache-Control"]
    assert "no-store" not in Client().get("/verify/acrobat/").get("Cache-Control", "")


@pytest.mark.parametrize(
    "address",
    ["/tosu/sign/t0ken/", "/tosu/l/1/sign/", "/tosu/i/1/", "/tosu/inbox/abcdefghijklmnopqrstuvwx/", "/g/enter/t0ken/"],
)
def test_a_page_behind_a_mailed_secret_is_cached_indexed_and_referred_to_by_nobody(client, address):
    response = client.get(address)

    assert response["Referrer-Policy"] == "strict-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("peer", "is_believed"), [("192.0.2.1", True), ("198.51.100.66", False)])
def test_only_a_named_proxy_may_say_that_a_request_came_by_https(client, settings, peer, is_believed):
    settings.BEHIND_PROXY, settings.TRUSTED_PROXIES = True, ["192.0.2.1/32"]
    settings.SECURE_PROXY_SSL_HEADER, settings.SECURE_SSL_REDIRECT = ("HTTP_X_FORWARDED_PROTO", "https"), True

    response = client.get("/verify/acrobat/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")

    assert (response.status_code == 200) is is_believed


def test_the_server_names_no_program_and_takes_no_flood_of_headers():
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--workers", "1"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    server = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], cwd=ours.BASE_DIR, **pipes)
    try:
        assert _asked(port, {}).getheader("Server") is None
        assert _asked(port, {f"X-{number}": "x" for number in range(200)}).status == 431
        assert _asked(port, {"X-Long": "x" * 20_000}).status == 431
    finally:
        server.terminate()
        said = server.communicate(timeout=60)[0]
    started = [line for line in said.splitlines() if "Starting gunicorn" in line]
    assert [json.loads(line)["logger"] for line in started] == ["gunicorn.error"], "every line once, as JSON"


def _asked(port: int, headers: dict[str, str]) -> http.client.HTTPResponse:
    until = time.monotonic() + 60
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            line.request("GET", "/healthz", headers=headers)
            return line.getresponse()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        finally:
            line.close()
