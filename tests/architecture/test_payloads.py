"""A city in which every name is a script: each page shows what was typed, letter by letter, and runs none of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils.html import escape

from accounts.models import Role
from contracts.models import Contractor
from tests import factories
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS, GET, LINKS
from tests.architecture.scene import Scene
from tests.architecture.test_routes import link_address, opened

pytestmark = pytest.mark.xdist_group("routes")
TYPED = """<script>alert(1)</script><img src=x onerror=alert(1)>"onfocus=alert(1) '{{7*7}}${7*7}</title>"""
RAW = ("<script>alert", "<img src=x", '"onfocus=alert', "{{7*7}}</title>", "}</title>")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker) -> Iterator[Scene]:
    """Make the scene with scripts for titles, places, firms and people."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        story, contractor, member = scenes.story, factories.contractor, factories.member

        def firm(tenant: Any, **values: Any) -> Any:
            named = {"address": TYPED, "representative_title": TYPED[:80], "representative_name": TYPED}
            number = Contractor.unscoped.filter(tenant=tenant).count()
            return contractor(tenant, **{"name": f"{number}{TYPED}"} | named | values)

        patch.setattr(factories, "contractor", firm)
        patch.setattr(factories, "member", lambda *told, **more: member(*told, **{"name": TYPED} | more))
        patch.setattr(scenes, "story", lambda *told, **more: story(*told, title=TYPED, place=TYPED, **more))
        yield scenes.build()
        transaction.set_rollback(True)


def shown(page: str) -> None:
    for raw in RAW:
        assert raw not in page, page[max(page.find(raw) - 300, 0) : page.find(raw) + 100]


@pytest.mark.parametrize("name", [name for name, row in DESKS.items() if row.methods & GET])
def test_a_page_for_staff_shows_what_was_typed(name, scene):
    row = DESKS[name]
    client = scene.desks[next(role for role in Role if role in row.roles)]

    response = client.get(scene.address(name, row), follow=True)

    if response["Content-Type"].startswith("text/html"):
        page = response.content.decode()
        shown(page)
        if name in {"case", "case_list", "archive", "contractor", "register", "people", "guarantee", "work_inbox"}:
            assert escape(TYPED) in page, name


@pytest.mark.parametrize("name", [name for name, row in LINKS.items() if row.methods & GET])
def test_a_page_behind_a_link_shows_what_was_typed(name, scene):
    response = opened(scene, LINKS[name].purpose).get(link_address(scene, name, scene.tosu.slug), follow=True)

    if response["Content-Type"].startswith("text/html"):
        shown(response.content.decode())
