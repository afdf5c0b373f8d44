"""A page that tries what our policy forbids is stopped, and we hear of it: by kind, and nothing of whoever saw it."""

import json
import logging
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from prometheus_client import REGISTRY

from tests.contracts.browsing import SITE, answering
from tests.contracts.browsing import chromium as chromium

pytestmark = pytest.mark.django_db
SECRET = "kOSu4nYq0vXhZb1c2d3e4f5g6h7i8j9k0l1m2n3o4p5"
INLINE = {
    "document-uri": f"http://testserver/tosu/sign/{SECRET}/",
    "effective-directive": "script-src-elem",
    "blocked-uri": "inline",
}


def count(directive: str, blocked: str) -> float:
    labels = {"directive": directive, "blocked": blocked}
    return REGISTRY.get_sample_value("musubi_csp_violations_total", labels) or 0


def send(told: Any, **headers: str) -> HttpResponse:
    body = told if isinstance(told, bytes) else json.dumps({"csp-report": told}).encode()
    return Client(enforce_csrf_checks=True).post("/csp/", body, content_type="application/csp-report", headers=headers)


def test_a_report_is_counted_and_written_down_without_the_secret_of_the_page(caplog):
    before = count("script-src-elem", "inline")

    with caplog.at_level(logging.WARNING, "musubi.violations"):
        answer = send(INLINE | {"script-sample": "alert('山田太郎')", "referrer": f"https://mail/{SECRET}"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert count("script-src-elem", "inline") == before + 1
    (line,) = caplog.records
    assert line.facts == {"directive": "script-src-elem", "blocked": "inline", "host": "", "page": "link_landing"}


@pytest.mark.parametrize(
    ("uri", "blocked", "host"),
    [
        ("eval", "eval", ""),
        ("data", "data", ""),
        ("data:text/html,x", "data", ""),
        ("https://Evil.example:8443/x?name=yamada", "elsewhere", "evil.example"),
        (f"{SITE.replace('testserver', 'localhost:8000')}/cases/1/", "self", ""),
        ("moz-extension://0a1b/x.js", "extension", ""),
        ("chrome-extension", "other", ""),
        ("https://[::1", "other", ""),
        ("https://a\nb\x1b[31m/", "other", ""),
        ("javascript:x", "other", ""),
        ("", "other", ""),
    ],
)
def test_what_was_kept_out_is_told_by_kind(uri, blocked, host, caplog):
    with caplog.at_level(logging.WARNING, "musubi.violations"):
        send(INLINE | {"blocked-uri": uri, "document-uri": "http://[", "effective-directive": "x" * 500})

    assert caplog.records[0].facts == {"directive": "other", "blocked": blocked, "host": host, "page": ""}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"csp-report": []}',
        b'{"other": {}}',
        b'"csp-report"',
        b"[" * 16_000,
    ],
    ids=["empty", "no text", "a list", "a list within", "another key", "a word", "deep"],
)
def test_what_is_no_report_is_refused(body):
    assert send(body).status_code == 400


def test_a_report_is_short_and_comes_by_post_alone():
    assert send(b"x" * 20_000).status_code == 413
    assert Client().get("/csp/").status_code == 405


def test_who_reports_too_often_is_heard_no_longer(settings, caplog):
    settings.LIMITS = settings.LIMITS | {"reported": 0}
    before = count("script-src-elem", "inline")

    answer = send(INLINE)

    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert count("script-src-elem", "inline") == before


@pytest.mark.browser
def test_a_browser_stops_an_inline_script_and_tells_us(chromium, client):
    before = count("script-src-elem", "inline")
    page = chromium.new_page()
    page.route("**/*", answering(client))
    page.goto(f"{SITE}/accounts/login/")

    with page.expect_request("**/csp/") as told:
        page.evaluate(
            "const it = document.createElement('script'); it.text = 'window.ran = 1'; document.body.append(it)"
        )

    assert page.evaluate("window.ran") is None
    assert json.loads(told.value.post_data)["csp-report"]["blocked-uri"] == "inline"
    page.wait_for_timeout(500)
    assert count("script-src-elem", "inline") == before + 1
    page.close()
