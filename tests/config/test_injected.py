"""What a stranger writes into an address or a header leads nobody away and makes no line of its own in the log."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import Role
from tests.config.test_logs import read
from tests.config.test_logs import written as written
from tests.factories import PASSWORD, city, member

pytestmark = pytest.mark.django_db
AWAY = [
    "//evil.example/",
    "///evil.example/",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    r"\\evil.example",
    r"/\evil.example/",
    "\t//evil.example",
    " https://evil.example",
    "/%09/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "/cases/\r\nLocation: https://evil.example/",
    "/cases/\r\nSet-Cookie: a=b",
]


def stays(target: str) -> bool:
    return target.startswith("/") and not target.startswith(("//", "/\\", "/\t")) and "\n" not in target


@pytest.mark.parametrize("target", AWAY)
def test_whoever_signs_in_stays_on_the_site_whatever_the_address_says(target):
    person = member(city())

    for where, sent in (("query", {}), ("field", {"next": target})):
        browser = Client()
        address = "/accounts/login/" if sent else f"/accounts/login/?{urlencode({'next': target})}"
        answer = browser.post(address, {"login": person.email, "password": PASSWORD} | sent)

        assert answer.status_code == 302, where
        assert stays(answer["Location"]), (where, answer["Location"])
        assert "Set-Cookie: a" not in str(answer.headers)


@pytest.mark.parametrize("target", AWAY)
def test_whoever_chooses_a_language_or_signs_out_stays_too(target):
    browser = Client()
    browser.force_login(member(city()))

    for address, sent in (("/language/", {"language": "en", "next": target}), ("/accounts/logout/", {"next": target})):
        for headers in ({}, {"referer": target.replace("\r\n", "")}):
            answer = browser.post(address, sent, headers=headers)
            assert answer.status_code in {204, 302}
            assert stays(answer.get("Location", "/")), (address, answer["Location"])


@pytest.mark.parametrize(
    "typed",
    [
        'x\r\n{"forged": 1}',
        "\x1b[2J\x1b[31mred\x1b[0m",
        "\x1b]8;;https://evil.example\x07",
        '\u2028{"forged": 1}',
        "\x85a",
    ],
    ids=["a line", "a colour", "a link", "a Unicode line", "a C1 line"],
)
def test_what_a_stranger_writes_into_headers_makes_no_line_and_no_colour(written, typed):
    asked = {"User-Agent": typed, "Referer": f"https://x/{typed}", "X-Request-ID": typed, "X-Forwarded-For": typed}

    Client().get("/no-such-page/", {"q": typed}, headers=asked)
    Client().post("/accounts/login/", {"login": f"a@example.jp{typed}", "password": typed}, headers=asked)

    text = written.getvalue()
    assert len([line for line in read(written) if line["logger"] == "musubi.request"]) == 2
    assert not any(mark in text for mark in ("forged", "\x1b", "\x07", "\u2028", "\x85", "evil.example"))


@pytest.mark.parametrize("address", ["/people/?words=%00", "/verify/acrobat/?x=a%00b", "/register/%00/", "/?%00"])
def test_an_address_with_a_nul_in_it_is_no_address(client, address):
    client.force_login(member(city(), Role.ADMINISTRATOR))

    response = client.get(address)

    assert response.status_code == 400
    assert "何も変わっていません" in response.content.decode()
