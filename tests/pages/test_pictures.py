"""`make screenshots`: the pages as they usually are, with the longest names, empty, and with very many rows."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from tests.architecture import scene as scenes
from tests.architecture.routes import DESKS
from tests.architecture.scene import Scene
from tests.pages import dress, many, pictures, rendering, showing
from tests.pages.rendering import Page
from tests.pages.test_many_rows import COPIES, LISTS
from tests.pages.test_pages import whole

PICTURES = os.environ.get("PICTURES", "")
# 名がこの書き方に合う画面だけを撮る
ONLY = re.compile(os.environ.get("PICTURES_ONLY", ""))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("pages"),
    pytest.mark.skipif(not PICTURES, reason="make screenshots のときだけ撮る"),
]


def usual(patch: pytest.MonkeyPatch) -> list[Page]:
    return whole(rendering.pages(_scene()))


def long(patch: pytest.MonkeyPatch) -> list[Page]:
    dress.wear(patch)
    scene = _scene()
    dress.rename()
    return whole(rendering.pages(scene))


def empty(patch: pytest.MonkeyPatch) -> list[Page]:
    """Look at the lists of a city that has only just come."""
    scene = _scene()
    return whole(list(_lists(lambda name: scene.stranger)))


def many_rows(patch: pytest.MonkeyPatch) -> list[Page]:
    """Look at the lists of a city with every row of the scene copied as often as asked."""
    scene = _scene()
    many.multiply(scene.tosu.pk, first=1, last=COPIES)
    desks = {name: next(role for role in rendering.EVERY if role in DESKS[name].roles) for name in LISTS}
    return whole(list(_lists(lambda name: scene.desks[desks[name]])))


def _scene() -> Scene:
    scene = scenes.build()
    tenancy.set_tenant(scene.tosu.pk)
    return scene


def _lists(desk: Callable[[str], Client]) -> Iterator[Page]:
    for name in LISTS:
        yield from filter(None, (rendering.ask(desk(name), reverse(name), name=name, who="staff"),))


@pytest.fixture(params=[usual, long, empty, many_rows], ids=lambda look: look.__name__)
def looked(request, django_db_setup, django_db_blocker) -> tuple[str, list[Page]]:
    """Render everything in a transaction that is never committed, before a browser starts."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        found = request.param(patch)
        transaction.set_rollback(True)
    return request.param.__name__, found


def test_every_page_is_photographed_at_both_widths_in_both_schemes(looked):
    name, found = looked[0], [page for page in looked[1] if ONLY.search(page.name)]

    with showing.screen() as screen:
        sheets = pictures.take(screen, found, Path(PICTURES) / name)

    assert {sheet.name[len(name) + 7 : -7] for sheet in sheets} == {
        f"{width}-{scheme}" for width in pictures.SHEETS for scheme in pictures.SCHEMES
    }
