"""The documents tell what the code does: drawn pages are fresh, and README names every environment variable."""

import re

from django.apps import apps

from scripts import check_compose, draw_states

README = (draw_states.ROOT / "README.md").read_text()
ROW = re.compile(
    r"^\| `(?P<names>[A-Z0-9_]+)`(?P<file>（\*）)? \| (?P<meaning>[^|]+) \| (?P<default>[^|]+) \| (?P<need>[^|]+) \|$"
)
DESCRIBED = {row["names"]: row for row in map(ROW.match, README.splitlines()) if row}


def test_the_page_of_states_is_fresh():
    assert draw_states.PAGE.read_text() == draw_states.page(), "scripts/draw_states.py で描き直してください"


def test_each_life_begins_where_its_drawing_says():
    firsts = [next(iter(table)) for _, _, table in draw_states.LIVES]
    drawn = {type(first): first for first in firsts}
    fields = [field for model in apps.get_models() for field in model._meta.fields if field.name == "state"]
    defaults = {type(field.default): field.default for field in fields if type(field.default) in drawn}

    assert defaults == drawn


def test_readme_describes_exactly_the_variables_that_settings_reads():
    known, _ = check_compose.settings_variables()
    secrets = {name for name in known if f"{name}_FILE" in known}
    plain = {name for name in known if name.removesuffix("_FILE") not in secrets or name in secrets}

    assert set(DESCRIBED) == plain
    assert {name for name, row in DESCRIBED.items() if row["file"]} == secrets


def test_readme_says_of_every_needed_variable_that_it_is_needed():
    _, required = check_compose.settings_variables()
    must = (required | check_compose.PRODUCTION) - {"S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"}

    assert {name for name, row in DESCRIBED.items() if row["need"].strip() in {"要", "どちらか一つ"}} == must


def test_readme_names_every_value_that_compose_asks_for():
    asked = {
        name for name, _ in check_compose.SUBSTITUTION.findall((draw_states.ROOT / "docker-compose.yml").read_text())
    }

    assert {name for name in asked if f"`{name}`" not in README} == set()


def test_every_page_that_the_documents_link_to_is_there():
    pages = [
        draw_states.ROOT / "README.md",
        draw_states.ROOT / "SECURITY.md",
        *(draw_states.ROOT / "docs").rglob("*.md"),
    ]
    dead = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert dead == []
