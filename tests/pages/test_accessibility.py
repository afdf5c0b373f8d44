"""The page of test results: the 38 criteria, what the machine's record says of each, and nothing more than that."""

from collections import Counter

import pytest
from django.urls import reverse

from config import accessibility
from config.accessibility import Criterion

ROW = {"number": "1.4.3", "name": "コントラスト", "level": "AA"}


def test_the_levels_a_and_aa_of_the_standard_are_all_listed():
    rows = accessibility.criteria()

    assert Counter(row.level for row in rows) == {"A": 25, "AA": 13}
    assert len({row.number for row in rows}) == 38


@pytest.mark.parametrize(
    ("found", "result"),
    [
        ({}, "人の試験を待つ"),
        ({"rules": 2, "pages": 190}, "機械の試験では誤りなし"),
        ({"tests": ("キーボードだけの旅",)}, "機械の試験では誤りなし"),
        ({"rules": 2, "pages": 190, "wrong": 1}, "不適合"),
        ({"rules": 2, "wrong": 1, "people": "2027年1月10日"}, "不適合"),
        ({"absent": "音声を置いていない"}, "対象なし"),
        ({"rules": 2, "people": "2027年1月10日 読み上げの利用者三名"}, "適合"),
    ],
)
def test_a_machine_alone_never_makes_a_criterion_met(found, result):
    assert Criterion(**ROW, **found).result == result


def test_the_record_is_of_a_run_that_looked_at_every_page_and_found_nothing():
    record = accessibility.record()

    assert record["wrong"] == 0
    assert record["looks"] >= record["states"] >= record["pages"] > 100
    assert {"axe-core", "Chromium"} <= set(record["tools"])


def test_the_page_tells_anyone_when_by_what_and_that_no_person_has_looked(client, db):
    page = client.get(reverse("accessibility")).content.decode()

    for words in (
        "JIS X 8341-3:2016",
        "レベル AA に配慮",
        "人による試験はまだ",
        accessibility.record()["tools"]["axe-core"],
    ):
        assert words in page
    for row in accessibility.criteria():
        assert f"{row.number} {row.name}" in page
