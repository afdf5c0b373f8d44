"""docker-compose.yml and the settings say the same."""

import copy

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
