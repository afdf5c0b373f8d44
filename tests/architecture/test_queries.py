"""Whatever is written behind the question mark of an address, a page answers: nothing breaks, nothing runs."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from accounts.models import Role
from contracts.forms.archive import ArchiveForm
from contracts.forms.calendar import CalendarForm
from contracts.forms.cases import CaseSearchForm
from contracts.forms.desk import DrawForm
from contracts.forms.staff import LogForm
from guarantees.forms.listing import ListForm
from guarantees.issuing.forms import SearchForm
from guarantees.reports.forms import UsageForm
from tests.architecture.routes import DESKS, GET, LINKS
from tests.architecture.scene import Scene, written
from tests.architecture.test_routes import link_address, opened

pytestmark = pytest.mark.xdist_group("routes")
APPS = ("contracts", "guarantees")
NAMED = re.compile(
    r'(?:GET|POST|query|params|asked|typed|question)(?:\.get|\.getlist)?[(\[]"(\w+)"|"(\w+)" (?:not )?in request\.GET'
)
FORMS = [ArchiveForm, CaseSearchForm, CalendarForm, LogForm, DrawForm, UsageForm, ListForm, SearchForm]
HOSTILE = [
    "');drop table contracts_case;--%_\\",
    "-1",
    "9" * 30,
    "９９９９−１",
    "2026-02-30",
    "<script>alert(1)</script>{{7*7}}{%raise%}",
    "\u202e\ud800a",
]
ANSWERS = {200, 302, 400, 404, 409, 422}


def asked() -> list[str]:
    """Gather what any page reads from its address: by name, or with a form."""
    files = [file for app in APPS for file in Path(settings.BASE_DIR / app).rglob("*.py")]
    found = {name for file in files for names in NAMED.findall(file.read_text()) for name in names if name}
    return sorted(found.union(*(form.base_fields for form in FORMS)))


NAMES = asked()


def query(value: str) -> str:
    return urlencode(dict.fromkeys(NAMES, value), errors="surrogatepass")


@pytest.mark.parametrize("name", [name for name, row in DESKS.items() if row.methods & GET])
def test_a_page_for_staff_answers_whatever_is_asked(name: str, scene: Scene) -> None:
    row = DESKS[name]
    client, address = scene.desks[next(role for role in Role if role in row.roles)], scene.address(name, row)
    before = written()

    for value in HOSTILE:
        response = client.get(f"{address}?{query(value)}")
        assert response.status_code in ANSWERS, value
        assert "<script>alert(1)" not in answer(response)
    assert written() == before


@pytest.mark.parametrize("name", [name for name, row in LINKS.items() if row.methods & GET])
def test_a_page_behind_a_link_answers_whatever_is_asked(name: str, scene: Scene) -> None:
    address, browser = link_address(scene, name, scene.tosu.slug), opened(scene, LINKS[name].purpose)

    for value in HOSTILE:
        response = browser.get(f"{address}?{query(value)}")
        assert response.status_code in ANSWERS, value
        assert "<script>alert(1)" not in answer(response)


def answer(response: object) -> str:
    if getattr(response, "streaming", False):
        return ""
    return response.content.decode(errors="replace")  # type: ignore[attr-defined]


def test_the_questions_of_pages_are_known():
    assert {"page", "after", "words", "q", "state"} <= set(NAMES)
    assert 30 < len(NAMES) < 290
