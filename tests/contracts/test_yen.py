"""Amounts as people type them at any door: read for what they are, or refused with a sentence."""

import pytest

from contracts.dates import MAX_YEN, parse_yen


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("１１０００００", 1_100_000),
        ("１，１００，０００", 1_100_000),
        ("１,１00，0０0円", 1_100_000),
        ("￥１，１００，０００", 1_100_000),
        ("¥1,100,000", 1_100_000),
        ("金１，１００，０００円也", 1_100_000),
        ("　１１０円　", 110),
        ("\t1,100\n", 1_100),
        ("０", 0),
        ("９９９，９９９，９９９，９９９，９９９", MAX_YEN),
    ],
)
def test_full_width_digits_commas_and_yen_signs_are_accepted(text, amount):
    assert parse_yen(text) == amount


@pytest.mark.parametrize("text", ["-1", "－１", "−１，０００", "ー1000円", "▲1,000", "△1,000", "¥-1,000", "金－1円"])
def test_a_negative_amount_is_refused(text):
    with pytest.raises(ValueError, match="金額は0円以上で書いてください。"):
        parse_yen(text)


@pytest.mark.parametrize("text", ["1.5", "１．５円", "1,000.00", "0.1", "1."])
def test_a_fraction_of_a_yen_is_refused(text):
    with pytest.raises(ValueError, match="小数は書けません"):
        parse_yen(text)


@pytest.mark.parametrize("text", ["1" * 20, "９" * 20, "12,345,678,901,234,567,890円", str(MAX_YEN + 1)])
def test_an_amount_of_too_many_digits_is_refused(text):
    with pytest.raises(ValueError, match="桁数が多すぎます。999,999,999,999,999円以下"):
        parse_yen(text)


@pytest.mark.parametrize(
    "text",
    ["", "　", "円", "¥", "1,00",
     "10,00", "1,0000", ",100", "100,", "1 000", "1e9", "0x1f", "+5", "(500)", "nan", "五百円", "1\u202e000"],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="金額として読めません。「1,000,000円」の形で書いてください。"):
        parse_yen(text)


@pytest.mark.parametrize("text", ["10²", "1①", "½", "Ⅻ²円"])
def test_a_number_that_is_not_written_in_plain_digits_is_refused(text):
    with pytest.raises(ValueError, match="数字は0から9だけで書いてください。"):
        parse_yen(text)
