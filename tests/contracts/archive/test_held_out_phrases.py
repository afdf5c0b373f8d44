"""Phrases gathered only after the reading was finished and committed; the first result stands in their file."""

from datetime import date
from pathlib import Path

import pytest

from contracts.phrases import Field, Phrase, Vocabulary, read_phrase
from contracts.phrases.chips import Span

TODAY = date(2026, 3, 11)
CITY = Vocabulary(
    {
        Field.KIND: {"工事": 1, "業務委託": 2, "物品購入": 3},
        Field.DEPARTMENT: {"道路課": 7, "建築課": 8},
        Field.WHAT: {"変更契約": 2, "契約保証": 3},
    }
)
LINES = Path(__file__).with_name("held_out_phrases.txt").read_text().splitlines()
HELD_OUT = [line.split(" => ") for line in LINES if not line.startswith("#")]


def written(phrase: Phrase) -> str:
    """Write the conditions in order, the parts of one range together: 金額 5000000.. | 語 橋梁."""
    said: dict[str, None] = {}
    for chip in phrase.chips:
        ranged = isinstance(chip.value, Span)
        ends = ("" if bound is None else str(bound) for bound in phrase.span(chip.field)) if ranged else ()
        said[f"{chip.field} {'..'.join(ends) if ranged else chip.meaning}"] = None
    return " | ".join(said)


@pytest.mark.parametrize(("text", "conditions"), HELD_OUT)
def test_a_phrase_that_was_held_out_is_read_as_people_mean_it(text, conditions):
    assert written(read_phrase(text, today=TODAY, vocabulary=CITY)) == conditions


def test_enough_phrases_were_held_out():
    assert len(HELD_OUT) >= 60
