"""The style sheets: nothing in them that no page uses, and nothing that comes from elsewhere."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
# 名を書くもの: テンプレートと、画面の部品、HTML を作る Python
WRITERS = ("templates", "static/js", "accounts", "config", "contracts", "guarantees", "notifications", "signing")
FROM_HTMX = {"htmx-request", "htmx-swapping", "htmx-settling", "htmx-added", "htmx-indicator"}


@cache
def written() -> tuple[set[str], set[str]]:
    """Read the words that pages write, and those that they begin and fill in: tone-{{ tone }}."""
    files = (path for folder in WRITERS for path in (ROOT / folder).rglob("*"))
    text = "\n".join(path.read_text() for path in files if path.suffix in {".html", ".py", ".js"})
    return set(re.findall(r"[\w-]+", text)), set(re.findall(r"([\w-]+-)\{", text))


def classes(sheet: Path) -> set[str]:
    bare = re.sub(r"/\*.*?\*/|\{[^{}]*\}|\"[^\"]*\"", " ", sheet.read_text(), flags=re.DOTALL)
    return set(re.findall(r"\.(-?[a-z][\w-]*)", bare))


def is_written(name: str) -> bool:
    whole, begun = written()
    return name in whole or any(name.startswith(stem) for stem in begun)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_class_of_a_sheet_is_on_some_page(sheet):
    assert sorted(name for name in classes(sheet) - FROM_HTMX if not is_written(name)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(sheet):
    assert re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//", sheet.read_text()) == []


@pytest.mark.parametrize(
    "sheet", [path for path in SHEETS if path.name.startswith("components-")], ids=lambda path: path.name
)
def test_a_sheet_of_components_is_short(sheet):
    assert len(sheet.read_text().splitlines()) <= 300
