"""Names of files that a firm keeps: 日付_取引先_金額, on every system, none twice."""

import random
import re
import unicodedata
from datetime import date

from contracts.records.naming import LONGEST, Names, stem

DAY = date(2026, 3, 11)


def test_a_file_is_named_after_its_day_counterparty_and_amount():
    assert stem(day=DAY, party="鳥栖市", amount=11_000_000) == "20260311_鳥栖市_11000000"
    assert stem(day=DAY, party="鳥栖市", amount=1, detail="特記仕様書") == "20260311_鳥栖市_1_特記仕様書"


def test_what_no_system_takes_in_a_name_is_replaced_or_left_out():
    assert (
        stem(day=DAY, party=' A/B:C*?"<>|市\n. ', amount=1, detail="仕\u202e様\u200b書 .")
        == "20260311_A-B-C-市_1_仕様書"
    )
    assert stem(day=DAY, party="髙﨑𠮷㈱", amount=1) == "20260311_髙﨑𠮷㈱_1"


def test_the_same_name_is_given_a_number_also_where_capitals_are_the_same():
    names = Names()

    assert [names.give(wanted) for wanted in ("契約A", "契約a", "契約A", "別")] == [
        "契約A.pdf",
        "契約a_2.pdf",
        "契約A_3.pdf",
        "別.pdf",
    ]


def test_any_names_are_short_safe_and_different():
    dice = random.Random(7)
    letters = 'あ市/\\:*?"<>|. \t\n\u200bAa㈱髙𠮷か\u3099が・'
    names, given = Names(), []
    for _ in range(400):
        text = "".join(dice.choices(letters, k=dice.randint(0, 150)))
        given.append(names.give(stem(day=DAY, party=text, amount=dice.randint(1, 3), detail=text[::-1])))

    assert len({unicodedata.normalize("NFC", name).casefold() for name in given}) == len(given)
    for name in given:
        assert len(name) <= LONGEST
        assert re.fullmatch(r"20260311_[^\\/:*?\"<>|\x00-\x1f]*[^ .]\.pdf", name)
