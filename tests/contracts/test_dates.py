"""Days, instants and yen in and out, in every notation of the guides (R121, R122)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import dates
from contracts.templatetags import japanese

EVERY_DAY = st.dates(date(1989, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2026, 3, 1), "令和8年3月1日", "R8.3.1"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(2019, 4, 30), "平成31年4月30日", "H31.4.30"),
        (date(1989, 1, 8), "平成元年1月8日", "H1.1.8"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (date(1920, 1, 1), "1920年1月1日", "1920.1.1"),
    ],
)
def test_eras_begin_and_end_on_their_days(day, long, short):
    assert (dates.wareki(day), dates.wareki_short(day)) == (long, short)


@settings(deadline=None)
@given(EVERY_DAY)
def test_every_day_is_read_back_as_it_was_written(day):
    kanji = dates.wareki(day).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))

    for text in (dates.wareki(day), dates.wareki_short(day), kanji, day.isoformat(), f"{day:%Y/%m/%d}"):
        assert dates.parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "令和8年3月1日",
        "令和８年３月１日",
        "　令和 8年 3月 1日 ",
        "令和八年三月一日",
        "㋿8年3月1日",
        "R8.3.1",
        "r8/3/1",
        "Ｒ８．３．１",
        "2026/3/1",
        "2026-03-01",
        "2026.03.01",
        "2026年3月1日",
        "西暦2026年3月1日",
        "２０２６／０３／０１",
        "二〇二六年三月一日",
        "二千二十六年三月一日",
    ],
)
def test_one_day_has_many_notations(text):
    assert dates.parse_date(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年五月一日", date(2019, 5, 1)),
        ("昭和六十四年一月七日", date(1989, 1, 7)),
        ("平成三十年十二月三十一日", date(2018, 12, 31)),
        ("令和4年5月10日", date(2022, 5, 10)),
        ("2022/01/28", date(2022, 1, 28)),
        ("2026年1月末", date(2026, 1, 31)),
        ("令和6年2月29日", date(2024, 2, 29)),
        ("令和8年3月1日", date(2026, 3, 1)),
        ("2021.10.07 09:25:55 +09'00'", date(2021, 10, 7)),
        ("2021-10-07 09:25:23 +09:00 JST", date(2021, 10, 7)),
        ("令和8年3月1日 0:05", date(2026, 3, 1)),
    ],
)
def test_notations_of_the_guides_are_read(text, day):
    assert dates.parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("令和0年1月1日", "令和は元年（1年）から始まります"),
        ("令和8年2月30日", "という日付はありません"),
        ("令和7年2月29日", "という日付はありません"),
        ("2026年13月末", "という日付はありません"),
        ("平成31年5月1日", "平成の日付ではありません"),
        ("令和元年4月30日", "令和の日付ではありません"),
        ("昭和64年1月8日", "昭和の日付ではありません"),
        ("9999-12-31", "1900年から2100年まで"),
        ("R7.4", "日付として読めません"),
        ("3月1日", "日付として読めません"),
        ("明日", "日付として読めません"),
        # 日本でない時刻は、日付が変わり得る
        ("2021.10.07 20:25:55 +00'00'", "日付として読めません"),
        ("2021.10.07 25:00", "日付として読めません"),
        ("", "日付として読めません"),
        ("٢٠٢٦-٠٣-٠١", "日付として読めません"),
        ("一" * 5000, "長すぎます"),
    ],
)
def test_an_impossible_day_is_refused_with_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason):
        dates.parse_date(text)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("R7.4", date(2025, 4, 1)),
        ("Ｒ７．４", date(2025, 4, 1)),
        ("令和7年4月", date(2025, 4, 1)),
        ("令和七年四月", date(2025, 4, 1)),
        ("R1.5", date(2019, 5, 1)),
        ("令和元年5月", date(2019, 5, 1)),
        ("H31.4", date(2019, 4, 1)),
        # 改元の月は、どちらの元号でも書く
        ("S64.1", date(1989, 1, 1)),
        ("H1.1", date(1989, 1, 1)),
        ("2026年1月", date(2026, 1, 1)),
        ("2024/05", date(2024, 5, 1)),
    ],
)
def test_a_month_is_read_as_its_first_day(text, month):
    assert dates.parse_month(text) == month


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("R0.4", "令和は元年（1年）から始まります"),
        ("令和7年13月", "という日付はありません"),
        ("H31.5", "平成の日付ではありません"),
        ("R1.4", "令和の日付ではありません"),
        ("1850/1", "1900年から2100年まで"),
        ("R7.4.1", "年月として読めません"),
        ("4月", "年月として読めません"),
        ("", "年月として読めません"),
    ],
)
def test_an_impossible_month_is_refused_with_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason):
        dates.parse_month(text)


def refusal_of(parse, text):
    try:
        return f"{parse(text)}と読めた。"
    except ValueError as refusal:
        return str(refusal)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_japanese(text):
    for parse in (dates.parse_date, dates.parse_month, dates.parse_yen):
        assert refusal_of(parse, text).endswith("。")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("１，０００，０００円", 1_000_000),
        ("1000000", 1_000_000),
        ("￥1,000,000", 1_000_000),
        ("金 1,000,000 円也", 1_000_000),
        (" 0円 ", 0),
        ("007", 7),
        ("999,999,999,999,999", 999_999_999_999_999),
    ],
)
def test_amounts_are_read_as_whole_yen(text, amount):
    assert dates.parse_yen(text) == amount


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-1", "0円以上"),
        ("－1,000円", "0円以上"),
        ("▲500", "0円以上"),
        ("1.5", "小数は書けません"),
        ("１００．０円", "小数は書けません"),
        ("12345678901234567890", "桁数が多すぎます"),
        ("1,00", "金額として読めません"),
        ("1 000", "金額として読めません"),
        ("1e9", "金額として読めません"),
        ("百万円", "金額として読めません"),
        ("", "金額として読めません"),
        ("100" + " " * 200 + "000", "長すぎます"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason):
        dates.parse_yen(text)


@settings(deadline=None)
@given(st.integers(0, dates.MAX_YEN))
def test_yen_are_read_back_as_they_were_written(amount):
    assert dates.parse_yen(dates.yen(amount)) == amount


def test_instants_are_shown_in_japan():
    assert dates.jst(datetime(2026, 3, 5, 1, 20, 30, tzinfo=UTC)) == "2026-03-05 10:20:30 +09:00"


def test_an_instant_of_unknown_place_is_refused():
    for show in (dates.jst, dates.wareki):
        with pytest.raises(ValueError, match="時差"):
            show(datetime(2026, 3, 5, 1, 20, 30))


def test_filters_show_the_day_in_japan():
    late_evening_in_london = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)

    assert japanese.wareki(late_evening_in_london) == "令和8年3月11日"
    assert japanese.weekday_date(late_evening_in_london) == "3月11日(水)"
    assert japanese.jst(late_evening_in_london) == "2026-03-11 00:30:00 +09:00"
    assert japanese.yen(1_000_000) == "1,000,000円"
    assert japanese.yen(0) == "0円"


@pytest.mark.parametrize("nothing", [None, ""])
def test_filters_leave_nothing_as_nothing(nothing):
    shown = [show(nothing) for show in (japanese.wareki, japanese.weekday_date, japanese.jst, japanese.yen)]

    assert shown == [""] * 4


@pytest.mark.parametrize(
    ("day", "short"),
    [(date(2025, 4, 1), "R7.4"), (date(2026, 1, 31), "R8.1"), (date(2019, 4, 30), "H31.4"), (date(2019, 5, 1), "R1.5")],
)
def test_a_month_is_written_as_in_the_list_of_adopters(day, short):
    assert dates.wareki_month(day) == short
    assert dates.parse_month(short) == day.replace(day=1)
