"""The controls we claim: each requirement of ASVS 5.0 answered once, and whatever is named as proof exists."""

import re
from collections import Counter

import pytest
import yaml

from scripts import draw_procedures, draw_states

CONTROLS = draw_states.ROOT / "docs/controls"
ROW = re.compile(
    r"^\| (?P<number>\d+\.\d+\.\d+) \| (?P<level>[123]) \| [^|]+ \| (?P<answer>[^|]+) \| (?P<proof>[^|]+) \|$", re.M
)
# 5.0.0 の、レベル 1 と 2 の項目の数（章ごと）
ASKED = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}
PINNED = re.compile(r"^([a-z0-9][\w.-]*)==([^\s\\;]+)", re.M)
ANSWERS = ("はい", "置く側", "該当なし", "まだ")


@pytest.fixture(scope="module")
def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((CONTROLS / "asvs.md").read_text()))


def test_every_requirement_of_the_first_two_levels_is_answered_once(rows):
    numbers = [row["number"] for row in rows]
    levels = Counter(row["level"] for row in rows)
    chapters = Counter(int(row["number"].split(".")[0]) for row in rows if row["level"] != "3")

    assert len(numbers) == len(set(numbers))
    assert (levels["1"], levels["2"]) == (70, 183)
    assert dict(chapters) == ASKED


def test_every_answer_is_one_of_four_and_no_yes_stands_without_proof(rows):
    unclear = [row["number"] for row in rows if not row["answer"].startswith(ANSWERS)]
    bare = [row["number"] for row in rows if row["answer"].startswith("はい") and row["proof"].strip() == "—"]

    assert (unclear, bare) == ([], [])


@pytest.mark.parametrize("page", sorted(page.name for page in CONTROLS.glob("*.md")))
def test_what_is_named_as_proof_exists(page):
    named = re.findall(r"`([\w./-]*/[\w./-]+|[\w-]+\.(?:toml|yml|lock))`", (CONTROLS / page).read_text())

    assert [path for path in named if not (draw_states.ROOT / path).exists()] == []


def test_the_sample_of_a_firms_rules_is_the_one_that_the_pages_hand_out():
    assert draw_procedures.PAGE.read_text() == draw_procedures.page(), "scripts/draw_procedures.py で書き直してください"


def test_every_part_that_we_run_was_looked_up_at_the_version_that_is_pinned():
    root = draw_states.ROOT
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"].values()
    parts = {f"{name} {version}" for name, version in PINNED.findall((root / "requirements.lock").read_text())}
    parts |= {f"{name} {version}" for name, version in PINNED.findall((root / "scripts/uv.lock").read_text())}
    parts |= {service["image"] for service in services if "build" not in service}
    parts |= set(re.findall(r"^FROM (\S+)", (root / "Dockerfile").read_text(), re.M))
    read = set(re.findall(r"[\w./:+-]+(?: \d[\w.+]*)?", (CONTROLS / "advisories.md").read_text()))

    assert sorted(parts - read) == [], "告知を読み、docs/controls/advisories.md に書いてください"
