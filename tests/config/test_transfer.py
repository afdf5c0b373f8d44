"""What a first view costs on the line: at most 100 KB for the page and what it names, without papers and type."""

import re
from functools import cache
from gzip import compress
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from config.compression import CompressedPagesMiddleware
from tests import factories

pytestmark = pytest.mark.django_db
FIRST_VIEW = 100_000
NAMED = re.compile(r'<(?:link|script|img)\b[^>]*\b(?:href|src)="/static/([^"]+)"')
STAFF = ["home", "case_list", "calendar", "archive", "figures", "guarantee_list", "rules", "log", "city_settings"]


def cost(page: bytes) -> dict[str, int]:
    """Weigh a page and each file that it names, in bytes as they travel: pages by gzip, files by Brotli."""
    return {"the page": len(compress(page, 6))} | {name: weight(name) for name in set(NAMED.findall(page.decode()))}


@cache
def weight(name: str) -> int:
    path = finders.find(name)
    assert path, name
    return len(brotli.compress(Path(path).read_bytes()))


@pytest.mark.parametrize("name", STAFF)
def test_the_first_view_of_a_staff_page_is_light(name, client):
    client.force_login(factories.member(factories.city(), Role.ADMINISTRATOR, Role.DRAFTER, Role.GUARANTEE_OFFICER))

    costs = cost(client.get(reverse(name)).content)

    assert sum(costs.values()) <= FIRST_VIEW, costs


@pytest.mark.parametrize("name", ["account_login", "public_verify", "city_guide", "city_rules", "inbox_enter"])
def test_the_first_view_of_a_public_page_is_light(name, client):
    city = factories.city()
    at = {} if name in {"account_login", "public_verify"} else {"city": city.slug}

    costs = cost(client.get(reverse(name, kwargs=at)).content)

    assert sum(costs.values()) <= FIRST_VIEW, costs


def test_pages_travel_compressed_to_those_who_ask():
    asked = Client(headers={"accept-encoding": "gzip"}).get(reverse("account_login"))
    plain = Client().get(reverse("account_login"))

    assert asked.headers["Content-Encoding"] == "gzip"
    assert len(asked.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain.headers


def test_a_paper_is_left_as_it_is(rf):
    request = rf.get("/", headers={"accept-encoding": "gzip"})
    paper = HttpResponse(b"%PDF-1.7" * 1000, content_type="application/pdf")

    assert "Content-Encoding" not in CompressedPagesMiddleware(lambda _: paper)(request).headers
