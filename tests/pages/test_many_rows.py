"""No page asks more of the database when there are more rows."""

import os

import pytest
from django.db import transaction
from django.urls import reverse

from accounts import tenancy
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS, ours
from tests.pages import many, rendering

pytestmark = pytest.mark.xdist_group("pages")
# 場面の行をそれぞれ何度写すか。長い形（make pages）では、案件が一万を超える
COPIES = int(os.environ.get("PAGES_COPIES", "30"))
LISTS = [name for name, row in DESKS.items() if "get" in row.methods and not ours()[name].pattern.converters]


@pytest.fixture(scope="module")
def counted(django_db_setup: None, django_db_blocker) -> tuple[dict[str, int], dict[str, int]]:
    """Count what each list asks with three of everything, and with many."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene = scenes.build()
        tenancy.set_tenant(scene.tosu.pk)
        many.multiply(scene.tosu.pk, first=1, last=2)
        few = asked(scene)
        tenancy.set_tenant(scene.tosu.pk)
        many.multiply(scene.tosu.pk, first=3, last=COPIES)
        found = asked(scene)
        transaction.set_rollback(True)
    return few, found


def asked(scene: scenes.Scene) -> dict[str, int]:
    shown = {}
    for name in LISTS:
        role = next(role for role in rendering.EVERY if role in DESKS[name].roles)
        if page := rendering.ask(scene.desks[role], reverse(name), name=name, who=role.value):
            shown[name] = page.queries
    return shown


def test_a_page_asks_no_more_when_there_are_more_rows(counted):
    few, found = counted

    assert len(found) > 40
    assert {name: (few[name], count) for name, count in found.items() if count > few[name]} == {}
