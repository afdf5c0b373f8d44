"""Read a phrase of the archive's box: measures first, wherever they stand; then words; nothing typed is ever lost."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from contracts.phrases.amounts import find_amounts
from contracts.phrases.chips import Chip, Field, Phrase
from contracts.phrases.days import find_days
from contracts.phrases.words import Vocabulary, find_labelled, join_forms, read_words
from contracts.phrases.years import find_years

Place = tuple[int, int, Chip]
QUOTED = re.compile('"([^"]+)"|「([^」]+)」')
LONGEST = 200
GAPS = re.compile(r"[\s、。,]+")
# 読めた条件に接する助詞と、条件の呼び名や「もの」のような結びの語は、探す語ではない。
LINKS_BEFORE = re.compile(
    r"(?:(?:^|\s|(?<=[のがはで]))(?:契約|請負|落札)?(?:金額|日|期間|額)\s?)?(?:が|は|で|の|を|に|[:=])?$"
)
LINKS_AFTER = re.compile("^(?:に|で|の|は|が|を|と)?(?:締結した|契約した)?")


def read_phrase(text: str, *, today: date, vocabulary: Vocabulary) -> Phrase:
    """Read what was typed into chips; `today` (in Japan) settles 「昨年度」 and months without a year.

    Raise ValueError with a sentence for the person who typed more than LONGEST characters.
    """
    if len(text) > LONGEST:
        raise ValueError(f"検索の言葉が長すぎます。{LONGEST}文字以内で入力してください。")
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    chips: list[Chip] = []
    cursor, touched = 0, False
    for start, end, chip in [*_places(plain, today), (len(plain), len(plain), None)]:
        chips += _between(plain[cursor:start], vocabulary, after=touched, before=chip is not None)
        chips += [chip] if chip else []
        cursor, touched = end, True
    return Phrase(tuple(chips))


def _places(plain: str, today: date) -> list[Place]:
    """Choose from all readings those that do not overlap: quotations first, then years, days and amounts."""
    chosen: list[Place] = []
    for place in _candidates(plain, today):
        if all(place[1] <= start or end <= place[0] for start, end, _ in chosen):
            chosen.append(place)
    return sorted(chosen, key=lambda place: place[0])


def _candidates(plain: str, today: date) -> Iterator[Place]:
    for found in QUOTED.finditer(plain):
        yield found.start(), found.end(), Chip(Field.WORD, found[0], found[1] or found[2])
    yield from find_labelled(plain)
    yield from find_years(plain, today=today)
    yield from find_days(plain, today=today)
    yield from find_amounts(plain)


def _between(stretch: str, vocabulary: Vocabulary, *, after: bool, before: bool) -> Iterator[Chip]:
    if after:
        stretch = LINKS_AFTER.sub("", stretch)
    if before:
        stretch = LINKS_BEFORE.sub("", stretch)
    for piece in join_forms(GAPS.split(stretch.strip())):
        yield from read_words(piece, vocabulary=vocabulary)
