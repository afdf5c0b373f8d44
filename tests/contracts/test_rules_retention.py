"""How long records are kept, from the rules alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import presets, rules, ruletext
from contracts.rules import files
from contracts.rules.retention import YEARS

TOSU = presets.load("tosu")
FEBRUARY = date(2026, 2, 20)


def own(**values):
    return TOSU | {"retention": values}


def kept(completed, *, kind="construction", **values):
    found = rules.retention(own(**values), kind=kind, completed=completed)
    return found.starts, found.ends


def test_ten_years_from_the_fiscal_year_begin_on_the_first_of_april_after_the_completion():
    found = rules.retention(TOSU, kind="construction", completed=FEBRUARY)

    assert (found.starts, found.ends) == (date(2026, 4, 1), date(2036, 3, 31))
    assert found.working == (
        "令和8年2月20日に履行完了 → 履行が完了した年度の翌年度の初日から（令和8年4月1日）10年 → 令和18年3月31日まで"
    )


@pytest.mark.parametrize(
    ("completed", "starts"),
    [(date(2026, 3, 31), date(2026, 4, 1)), (date(2026, 4, 1), date(2027, 4, 1))],
)
def test_the_last_of_march_and_the_first_of_april_lie_a_year_apart(completed, starts):
    assert kept(completed, period="five_years", count_from="fiscal_year")[0] == starts


@pytest.mark.parametrize(
    ("completed", "starts", "ends"),
    [
        (FEBRUARY, date(2026, 2, 21), date(2031, 2, 20)),
        (date(2026, 3, 31), date(2026, 4, 1), date(2031, 3, 31)),
        # うるう日から数える期間は、応当する日のない年の月の末日に満了する
        (date(2028, 2, 28), date(2028, 2, 29), date(2033, 2, 28)),
        (date(2028, 2, 29), date(2028, 3, 1), date(2033, 2, 28)),
    ],
)
def test_five_years_from_the_completion_begin_on_the_next_day(completed, starts, ends):
    assert kept(completed, period="five_years", count_from="completion") == (starts, ends)


def test_a_kind_of_its_own_period_is_kept_by_it_and_the_others_by_the_citys():
    values = {"period": "ten_years", "count_from": "fiscal_year", "kinds": {"maintenance": "seven_years"}}

    assert kept(FEBRUARY, kind="maintenance", **values)[1] == date(2033, 3, 31)
    assert kept(FEBRUARY, kind="survey_consulting", **values)[1] == date(2036, 3, 31)


def test_what_is_kept_for_ever_has_no_end_and_is_never_over():
    found = rules.retention(own(period="permanent"), kind="construction", completed=FEBRUARY)

    assert (found.ends, found.is_over(on=date.max)) == (None, False)
    assert found.working.endswith("（令和8年4月1日）永年")


def test_rules_that_are_silent_keep_everything_for_ever():
    silent = {key: value for key, value in TOSU.items() if key != "retention"}

    assert rules.retention_period(silent, "maintenance") == "permanent"


def test_a_period_is_over_on_the_day_after_its_last():
    found = rules.retention(TOSU, kind="construction", completed=FEBRUARY)

    assert [found.is_over(on=day) for day in (date(2036, 3, 31), date(2036, 4, 1))] == [False, True]


@given(
    completed=st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    period=st.sampled_from(sorted(YEARS)),
    count_from=st.sampled_from(["completion", "fiscal_year"]),
)
def test_no_record_is_kept_for_less_than_its_years_nor_a_year_longer(completed, period, count_from):
    starts, ends = kept(completed, period=period, count_from=count_from)

    then = ends + timedelta(days=1)

    assert completed < starts <= completed + timedelta(days=366)
    assert then.year - starts.year == YEARS[period]
    assert (then.month, then.day) in {(starts.month, starts.day), (3, 1) if starts.day == 29 else (4, 1)}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"period": "three_years"}, "「period」（保存期間）はfive_years、seven_years、ten_years、permanentのいずれか"),
        ({"count_from": "award"}, "「count_from」（起算日）はcompletion、fiscal_yearのいずれか"),
        ({"kinds": {"construction": "for_long"}}, "「construction」はfive_years"),
        ({"kinds": {"shipbuilding": "ten_years"}}, "「shipbuilding」の呼び名が「kinds」にありません"),
        ({"years": 10}, "「years」という項目はありません"),
    ],
)
def test_periods_that_make_no_sense_are_refused(values, why):
    with pytest.raises(rules.RuleError, match=why):
        rules.validate(own(**values))


def test_a_change_of_the_period_is_told_in_words():
    changed = own(period="ten_years", count_from="completion", kinds={"maintenance": "seven_years"})

    assert [(each.label, each.before, each.after) for each in rules.differences(TOSU, changed)] == [
        (
            "保存期間 › 起算日",
            "履行が完了した年度の翌年度の初日から",
            "履行が完了した日の翌日から",
        ),
        ("保存期間 › 案件の区分ごとに違う保存期間 › 建設維持関連業務", "5年", "7年"),
        ("保存期間 › 案件の区分ごとに違う保存期間 › その他", "5年", ""),
    ]


def test_the_file_and_the_page_say_the_periods_with_their_names():
    written = files.write(TOSU)
    page = next(block for block in ruletext.describe(TOSU) if block.title == "保存期間")

    assert files.parse(written)["retention"] == TOSU["retention"]
    assert "#   seven_years … 7年" in written.partition("[retention.kinds]")[0].rpartition("案件の区分ごと")[2]
    assert [line.texts for line in page.lines] == [
        ("10年",),
        ("履行が完了した年度の翌年度の初日から",),
        ("建設維持関連業務：5年", "その他：5年"),
    ]
