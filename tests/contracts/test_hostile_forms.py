"""Whatever is typed into a form, it answers in Japanese: it never breaks, nor lets pass what cannot be kept."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

import contracts
import guarantees
from accounts.models import Membership, Role
from contracts.models import SigningLevel
from guarantees.forms.listing import GROUPS
from tests.stories import Story, story

pytestmark = pytest.mark.django_db
JAPANESE = re.compile("[぀-ヿ一-鿿]")
LARGEST = 2**63 - 1
# 見るべきものを渡さなければ作れない様式。自分の試験がある
ELSEWHERE = {
    "RulesForm": "tests/contracts/test_rule_forms.py",
    "CheckForm": "tests/guarantees/test_desk.py",
    "AcceptForm": "tests/guarantees/test_desk.py",
    "BasisForm": "tests/guarantees/test_advance_pages.py",
    "ArchiveForm": "tests/contracts/archive/test_box.py",
    "SheetForm": "tests/contracts/pages/test_drafting_pages.py",
    "WantForm": "tests/guarantees/test_expecting.py",
}
ODD = [
    "", " ", "　", "\x00", "a\x00b", "\x1b[31m", "a\r\nBcc: b@example.jp", "\ud800", "\udfff名", "\ufeff",
    "\u202e元", "\u200d", "０１２３", "１２，３４５円", "-1", "－１", "+1", "1e309", "NaN", "∞", "0x10",
    "1_000", "٣", "²", "①", "9" * 19, "9" * 400, "2026-02-30", "0000-00-00", "99999-12-31", "令和0年1月1日",
    "令和99年13月40日", "平成31年5月1日", "R8.4.1", "20260401", "24:61", "=1+1", "<script>", "%", "_", "'",
    "\\", "${7*7}", "{{7*7}}", "a@b", "a@" + "b." * 200 + "jp", "髙﨑𠮷㈱", "か゚", "x" * 5000, "true", "None",
    "[]", "{}", "../../etc/passwd",
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(ODD), st.text(st.characters(), max_size=40), st.integers().map(str), st.dates().map(str)
)


def _forms() -> Iterator[type[forms.Form]]:
    for app in (contracts, guarantees):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if "forms" in module.name.split("."):
                importlib.import_module(module.name)
    waiting = [forms.Form]
    while waiting:
        found = waiting.pop().__subclasses__()
        waiting += found
        yield from (each for each in found if each.__module__.startswith(("contracts.", "guarantees.")))


ALL = sorted(set(_forms()), key=lambda form: (form.__module__, form.__qualname__))


FORMS = [form for form in ALL if form.__name__ not in ELSEWHERE]


def needed(form: type[forms.Form]) -> set[str]:
    """Name what the form and its parents cannot be made without."""
    names: set[str] = set()
    for kind in form.__mro__:
        if "__init__" in vars(kind) and kind is not forms.BaseForm:
            parameters = inspect.signature(kind.__init__).parameters.values()
            names |= {each.name for each in parameters if each.default is each.empty and each.kind is each.KEYWORD_ONLY}
    return names


@pytest.fixture
def town(form: type[forms.Form]) -> Story:
    """Award a case, and ask for a consent where the form is about one."""
    told = story()
    return told.invited() if needed(form) & {"consent", "case"} else told


def given_to(form: type[forms.Form], town: Story) -> dict[str, Any]:
    about = {
        "actor": town.drafter,
        "city": town.tenant,
        "case": town.case,
        "today": timezone.localdate(),
        "held": [],
        "for_self": False,
        "level": SigningLevel.ONE_TIME_CODE,
        "template": "contracts/consent_invited",
        "data": town.case.rule_set.data,
        "kind": "",
        "counts": dict.fromkeys(GROUPS, 0),
        "with_certificate": True,
    }
    if "consent" in needed(form):
        about["consent"] = town.consent
    if "membership" in needed(form):
        about["membership"] = Membership.unscoped.filter(role=Role.DRAFTER).first()
    return {name: about[name] for name in needed(form)}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.__module__}.{form.__qualname__}")
def test_a_form_takes_anything_and_answers_in_japanese(form, town):
    about = given_to(form, town)
    names = list(form(QueryDict(), **about).fields)

    @trying(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries(dict.fromkeys(names, WORDS)))
    def typed(values: dict[str, str]) -> None:
        # ブラウザから届く形にする。片方だけのサロゲートは、読み取りのときに U+FFFD になる
        filled = form(QueryDict(urlencode(values, errors="surrogatepass")), **about)
        if filled.is_valid():
            for value in filled.cleaned_data.values():
                assert "\x00" not in str(value)
                assert not isinstance(value, int) or abs(value) <= LARGEST
        else:
            said = [text for each in filled.errors.values() for text in each]
            assert [text for text in said if not JAPANESE.search(text)] == []

    typed()


def test_the_forms_that_are_tested_elsewhere_exist():
    assert ELSEWHERE.keys() <= {form.__name__ for form in ALL}
    assert all((Path(settings.BASE_DIR) / file).exists() for file in ELSEWHERE.values())
    assert len(FORMS) > 80
