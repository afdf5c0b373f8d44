"""The controls we claim: each requirement of ASVS 5.0 answered once, and whatever is named as proof exists."""

import re
from collections import Counter

import pytest

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
