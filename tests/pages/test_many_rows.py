"""No page asks more of the database when there are more rows, and none becomes too heavy for its first view."""

import os
import re

import pytest
from django.db import transaction
from django.urls import reverse

from accounts import tenancy
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS, ours
from tests.pages import many, rendering, showing
from tests.pages.rendering import Page

pytestmark = pytest.mark.xdist_group("pages")
# 場面の行をそれぞれ何度写すか。長い形（make pages）では、案件が一万を超える
COPIES = int(os.environ.get("PAGES_COPIES", "30"))
LISTS = [name for name, row in DESKS.items() if "get" in row.methods and not ours()[name].pattern.converters]


# 最初の表示の大きさ（圧縮、バイト）。書体と PDF は数えない
HEAVIEST = 100 * 1024
LOADED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))')


@pytest.fixture(scope="module")
def asked(django_db_setup: None, django_db_blocker) -> tuple[dict[str, Page], dict[str, Page]]:
    """Open each list with three of everything, and with many."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene = scenes.build()
        tenancy.set_tenant(scene.tosu.pk)
        many.multiply(scene.tosu.pk, first=1, last=2)
        few = lists(scene)
        tenancy.set_tenant(scene.tosu.pk)
        many.multiply(scene.tosu.pk, first=3, last=COPIES)
        found = lists(scene)
        transaction.set_rollback(True)
    return few, found


def lists(scene: scenes.Scene) -> dict[str, Page]:
    shown = {}
    for name in LISTS:
        role = next(role for role in rendering.EVERY if role in DESKS[name].roles)
        if page := rendering.ask(scene.desks[role], reverse(name), name=name, who=role.value):
            shown[name] = page
    return shown


def weight(page: Page) -> int:
    """Return the bytes that travel before a page stands there, compressed."""
    loaded = set(LOADED.findall(page.text))
    return showing.weight("text/html", page.body) + sum(showing.weight(*showing.static(path)) for path in loaded)


def test_a_page_asks_no_more_when_there_are_more_rows(asked):
    few, found = asked

    assert len(found) > 40
    grown = {name: (few[name].queries, page.queries) for name, page in found.items()}
    assert {name: both for name, both in grown.items() if both[1] > both[0]} == {}


def test_no_page_becomes_too_heavy_when_there_are_more_rows(asked):
    _, found = asked

    assert {name: heavy for name, page in found.items() if (heavy := weight(page)) > HEAVIEST} == {}
