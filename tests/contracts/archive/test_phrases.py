"""The one box of the archive reads phrases as offices write them, and never loses a word it does not understand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def read(text: str) -> Phrase:
    return read_phrase(text, today=TODAY, vocabulary=CITY)


def test_the_phrase_of_the_guide_becomes_four_conditions():
    phrase = read("令和7年度 橋梁 500万円以上 松尾建設")

    assert [(chip.field, chip.meaning) for chip in phrase.chips] == [
        (Field.FISCAL_YEAR, "令和7年度"),
        (Field.WORD, "橋梁"),
        (Field.AMOUNT, "5,000,000円以上"),
        (Field.PARTY, "松尾建設"),
    ]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("500万円以上", 5_000_000, None),
        ("５００万円以下", None, 5_000_000),
        ("130万円超", 1_300_001, None),
        ("1000万円未満", None, 9_999_999),
        ("500~1000万円", 5_000_000, 10_000_000),
        ("500万円以上1000万円未満", 5_000_000, 9_999_999),
        ("1.5億円以上", 150_000_000, None),
        ("1億2千万円", 120_000_000, 120_000_000),
        ("五百万円以下", None, 5_000_000),
        ("5,000,000円", 5_000_000, 5_000_000),
        ("1億円台", 100_000_000, 199_999_999),
        ("150万円台", 1_500_000, 1_599_999),
        ("約300万円", 2_700_000, 3_300_000),
        ("〜500万円", None, 5_000_000),
        ("契約金額が500万円を超えるもの", 5_000_001, None),
        ("5000000以上", 5_000_000, None),
    ],
)
def test_amounts_are_ranges_in_yen(text, least, most):
    phrase = read(text)

    assert phrase.span(Field.AMOUNT) == (least, most)
    assert {chip.field for chip in phrase.chips} == {Field.AMOUNT}


@pytest.mark.parametrize(
    "text", ["国道34号", "2万5千分の1", "百合", "千代田", "万代橋", "10万立米", "五十嵐", "H鋼", "第3号橋"]
)
def test_numbers_that_are_no_amounts_stay_words(text):
    assert read(text).values(Field.WORD) == (text,)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("令和7年度", 2025, 2025),
        ("R7", 2025, 2025),
        ("令和元年度", 2019, 2019),
        ("平成31年度", 2019, 2019),
        ("7年度", 2025, 2025),
        ("令和八年度", 2026, 2026),
        ("2024年度以降", 2024, None),
        ("令和5〜7年度", 2023, 2025),
        ("R5-R7年度", 2023, 2025),
        ("令和6・7年度", 2024, 2025),
        ("昨年度", 2024, 2024),
        ("一昨年度", 2023, 2023),
    ],
)
def test_fiscal_years_are_read_in_eras_and_from_today(text, first, last):
    phrase = read(text)

    assert phrase.span(Field.FISCAL_YEAR) == (first, last)
    assert len(phrase.chips) == 1


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("令和7年4月1日以降", date(2025, 4, 1), None),
        ("令和七年四月一日", date(2025, 4, 1), date(2025, 4, 1)),
        ("R7.4.1〜R7.9.30", date(2025, 4, 1), date(2025, 9, 30)),
        ("2025/4", date(2025, 4, 1), date(2025, 4, 30)),
        ("2025-04-01まで", None, date(2025, 4, 1)),
        ("20250401", date(2025, 4, 1), date(2025, 4, 1)),
        ("令和7年", date(2025, 1, 1), date(2025, 12, 31)),
        ("4月から9月まで", date(2025, 4, 1), date(2025, 9, 30)),
        ("11月〜2月", date(2025, 11, 1), date(2026, 2, 28)),
        ("3月1日から5日", date(2026, 3, 1), date(2026, 3, 5)),
        ("先月", date(2026, 2, 1), date(2026, 2, 28)),
        ("去年の4月から今年の3月", date(2025, 4, 1), date(2026, 3, 31)),
        ("先月から今日まで", date(2026, 2, 1), TODAY),
        ("4月末まで", None, date(2025, 4, 30)),
        ("去年", date(2025, 1, 1), date(2025, 12, 31)),
        ("先週", date(2026, 3, 2), date(2026, 3, 8)),
        ("過去3か月", date(2025, 12, 11), TODAY),
        ("直近30日", date(2026, 2, 9), TODAY),
        ("令和7年度下半期", date(2025, 10, 1), date(2026, 3, 31)),
        ("令和7年度の第1四半期", date(2025, 4, 1), date(2025, 6, 30)),
        ("契約日が令和7年4月1日より前", None, date(2025, 3, 31)),
    ],
)
def test_days_are_ranges_of_days_in_japan(text, first, last):
    phrase = read(text)

    assert phrase.span(Field.DATE) == (first, last)
    assert {chip.field for chip in phrase.chips} == {Field.DATE}


@pytest.mark.parametrize(
    "text", ["㈱松尾", "株式会社松尾", "松尾建設", "株式会社 松尾", "松尾・田中JV", "取引先:松尾", "山口組"]
)
def test_contractors_are_known_by_their_forms_their_trades_and_their_label(text):
    assert [chip.field for chip in read(text).chips] == [Field.PARTY]


@pytest.mark.parametrize("text", ["庁舎建設", "道路建設", "骨組", "「松尾建設」"])
def test_works_and_quotations_are_no_contractors(text):
    assert [chip.field for chip in read(text).chips] == [Field.WORD]


def test_the_city_own_names_are_met_whole_and_in_any_width():
    assert read("工事").values(Field.KIND) == (1,)
    assert read("橋梁補修工事").values(Field.WORD) == ("橋梁補修工事",)
    assert read("道路課の変更契約").values(Field.DEPARTMENT) == (7,)
    assert read("道路課の変更契約").values(Field.WHAT) == (2,)


def test_a_sentence_is_read_like_a_list():
    phrase = read("松尾建設との契約で令和7年度の橋梁工事、500万円以上")

    assert [chip.meaning for chip in phrase.chips] == ["松尾建設", "令和7年度", "橋梁工事", "5,000,000円以上"]


def test_the_cross_of_a_chip_takes_off_only_that_chip():
    phrase = read("令和7年度の橋梁工事で500万円以上 ㈱松尾")

    for chip in phrase.chips:
        left = [other for other in phrase.chips if other is not chip]
        assert list(read(phrase.without(chip)).chips) == left


def test_a_number_with_its_label_is_no_month():
    assert read("工事番号:R7-12").values(Field.NUMBER) == ("R7-12",)


def test_what_belongs_to_a_contractor_stands_on_either_side_of_the_joint():
    assert read("佐賀市の松尾建設").values(Field.PARTY) == ("松尾建設",)
    assert read("松尾建設が受注した工事").values(Field.KIND) == (1,)


def test_a_later_condition_on_the_same_subject_narrows_the_first():
    assert read("500万円以上 300万円以上 1億円以下").span(Field.AMOUNT) == Span(5_000_000, 100_000_000)


def test_a_text_that_is_no_question_is_refused_in_words():
    with pytest.raises(ValueError, match="200文字以内"):
        read("橋" * 201)


@given(st.text(alphabet='令和元7年度月日R.万千億円以上〜~- 　の橋松尾建設(株)㈱「」"第号,0年', max_size=40))
def test_whatever_is_typed_is_read_without_failing(text):
    phrase = read(text)

    assert all(chip.text and chip.meaning for chip in phrase.chips)


@given(st.lists(st.sampled_from(["橋梁", "髙橋", "ひので", "緑が丘", "上の原", "R-12", "○○", "?", "%_"]), max_size=6))
def test_words_nobody_understands_come_back_as_they_were(words):
    assert read(" ".join(words)).values(Field.WORD) == tuple(words)
