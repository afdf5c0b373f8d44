"""docker-compose.yml and the settings say the same."""

import copy
import tomllib

import pytest
import yaml

from scripts import check_compose

TEXT = (check_compose.ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)


def test_compose_agrees_with_the_settings():
    assert check_compose.complaints(COMPOSE, TEXT) == []


@pytest.mark.parametrize(
    ("service", "variable", "value", "complaint"),
    [
        ("web", "NO_SUCH_SETTING", "1", "web: NO_SUCH_SETTING を settings は読みません"),
        ("worker", "SECRET_KEY", "default", "worker: SECRET_KEY は ${…:?} で受け取ってください"),
        ("beat", "TSA_URLS", None, "beat: TSA_URLS がありません"),
        ("web", "DATABASE_OWNER_URL", "x", "web: 表の所有者の DATABASE_OWNER_URL を渡してはいけません"),
        ("migrate", "DATABASE_OWNER_URL", None, "migrate: DATABASE_OWNER_URL がありません"),
    ],
)
def test_a_disagreement_is_named(service, variable, value, complaint):
    changed = copy.deepcopy(COMPOSE)
    environment = changed["services"][service]["environment"]
    environment[variable] = value
    if value is None:
        del environment[variable]

    assert check_compose.complaints(changed, TEXT) == [complaint]


def test_a_secret_with_a_default_is_named():
    text = TEXT.replace("${SECRET_KEY:?}", "${SECRET_KEY:-abc}")

    assert "SECRET_KEY に既定値があります" in check_compose.complaints(yaml.safe_load(text), text)


def changed(service: str, **values: object) -> dict:
    """Return the file with one service changed; None takes a key away."""
    found = copy.deepcopy(COMPOSE)
    found["services"][service] |= values
    found["services"][service] = {key: value for key, value in found["services"][service].items() if value is not None}
    return found


@pytest.mark.parametrize(
    ("service", "values", "complaint"),
    [
        ("web", {"read_only": False}, "web: read_only にしてください"),
        ("redis", {"cap_drop": None}, "redis: cap_drop を ALL にしてください"),
        ("front", {"security_opt": []}, "front: no-new-privileges を付けてください"),
        ("postgres", {"user": None}, "postgres: root でない user を書いてください"),
        ("files", {"user": "0:0"}, "files: root でない user を書いてください"),
        ("worker", {"mem_limit": None}, "worker: mem_limit がありません"),
        ("beat", {"healthcheck": None}, "beat: healthcheck がありません"),
        ("redis", {"image": "redis:latest"}, "redis: image の版を決めてください"),
        ("web", {"ports": ["8000:8000"]}, "web: 外へ開くのは front だけにしてください"),
        ("files", {"networks": ["data", "out"]}, "files: 外へ出られる網にあります"),
    ],
    ids=lambda given: given if isinstance(given, str) and given.isascii() else "",
)
def test_a_way_in_is_named(service, values, complaint):
    assert check_compose.complaints(changed(service, **values), TEXT) == [complaint]


def test_a_part_that_the_front_reaches_is_named():
    found = check_compose.complaints(changed("postgres", networks=["data", "pages"]), TEXT)

    assert found == ["postgres: front から届く網にあります"]


def test_the_image_ends_as_nobody_in_particular_with_nothing_secret_in_it():
    lines = (check_compose.ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    last_stage = max(number for number, line in enumerate(lines) if line.startswith("FROM "))

    assert users[-1] == "10001:10001"
    assert lines.index("USER 10001:10001") > last_stage
    assert not [line for line in lines if "PASSWORD" in line or "KEYSET" in line]


def test_the_image_holds_every_package_and_folder_that_it_needs():
    root = check_compose.ROOT
    let_in = {line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    project = tomllib.loads((root / "pyproject.toml").read_text())
    packages = project["tool"]["importlinter"]["root_packages"]

    assert let_in >= {*packages, "locale", "manage.py", "static", "templates"}
