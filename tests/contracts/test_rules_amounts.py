"""The figures of guarantees and advances as a city writes them: read, defaulted, refused where they cannot stand."""

import copy
from datetime import date
from pathlib import Path

import pytest

from contracts import presets, rules
from contracts.rules import Threshold, files

KAKU = Path(__file__).parents[1] / "cities/kaku.toml"


def city(**guarantee):
    found = presets.load("tosu")
    found["guarantee"] |= copy.deepcopy(guarantee)
    return found


def amounts(**more):
    return {"contract_percent": 10, "advance_percent": 40, "interim_advance_percent": 20} | more


def test_what_a_city_leaves_out_follows_the_general_clauses():
    terms = rules.guarantee_terms(city(amounts=amounts()), "construction")

    assert terms.percents == {"contract": 10, "advance": 40, "interim_advance": 20}
    assert terms.low_price_percents == {}
    assert set(terms.thresholds.values()) == {Threshold()}
    assert (terms.rounding, terms.may_be_part, terms.excludes_partial) == (1, False, False)
    assert (terms.refund_percent, terms.refund_percent_with_interim) == (50, 60)
    assert (terms.elapsed_percent, terms.done_percent) == (50, 50)


def test_a_version_stored_before_these_keys_existed_has_the_same_terms():
    stored = city()
    stored["guarantee"]["amounts"] = amounts()

    rules.validate(stored)

    assert rules.payment_due(stored, date(2026, 4, 1)).date == date(2026, 4, 15)


def test_a_city_writes_its_own_figures_as_data_alone():
    kaku = files.read(KAKU.read_text(encoding="utf-8"))
    terms = rules.guarantee_terms(kaku, "construction")

    assert terms.low_price_percents == {"contract": 45, "advance": 5}
    assert terms.thresholds["contract"] == Threshold(from_price=3_000_000)
    assert terms.thresholds["advance"] == Threshold(from_price=1_300_000, shortest_months=3)
    assert (terms.rounding, terms.refund_percent) == (100_000, 45)


def test_a_kind_has_its_own_share_or_that_of_its_contract_or_the_general_one():
    def percents(**kinds):
        found = city(amounts=amounts(kinds=kinds))
        rules.validate(found)
        return {kind: rules.guarantee_terms(found, kind).percents for kind in ("construction", "survey_consulting")}

    assert percents()["survey_consulting"] == {"contract": 10, "advance": 30, "interim_advance": 0}
    own = percents(survey_consulting={"contract_percent": 5, "advance_percent": 25})
    assert own["survey_consulting"] == {"contract": 5, "advance": 25, "interim_advance": 0}
    assert own["construction"] == {"contract": 10, "advance": 40, "interim_advance": 20}


@pytest.mark.parametrize(
    ("guarantee", "said"),
    [
        ({"amounts": amounts(rounding=0)}, "「rounding」（前払金の額の端数（円））は1以上"),
        ({"amounts": amounts(base="half")}, "「base」（前払金の割合をかける額）はprice、part"),
        ({"amounts": amounts(kinds={"goods": {}})}, "「goods」の呼び名が「kinds」にありません"),
        ({"amounts": amounts(advance_percent=50, interim_advance_percent=60)}, "割合の合計が100を超えています"),
        ({"amounts": amounts(low_price_contract_percent=9)}, "「low_price_contract_percent」は"),
        ({"amounts": amounts(low_price_advance_percent=41)}, "「low_price_advance_percent」は"),
        ({"amounts": amounts(), "payment": {"refund_percent": 39}}, "「refund_percent」は"),
        ({"amounts": amounts(), "payment": {"refund_percent_with_interim": 59}}, "「refund_percent_with_interim」は"),
        ({"amounts": amounts(), "payment": {"days": 0}}, "「days」（請求から支払までの日数）は1以上180以下"),
        (
            {"amounts": amounts(), "thresholds": {"advance": {"shortest_days": 90, "shortest_months": 3}}},
            "日数と月のどちらか一方",
        ),
        ({"amounts": amounts(), "thresholds": {"bid_bond": {}}}, "「bid_bond」という項目はありません"),
    ],
)
def test_figures_that_cannot_stand_are_refused_by_name(guarantee, said):
    with pytest.raises(rules.RuleError, match=said):
        rules.validate(city(**guarantee))


@pytest.mark.parametrize(
    ("payment", "claimed", "due", "working"),
    [
        ({}, date(2026, 4, 1), date(2026, 4, 15), "請求日 4/1(水) → 翌日 4/2(木) 起算 → 14日目 4/15(水) まで"),
        (
            {"count_from": "inclusive"},
            date(2026, 4, 1),
            date(2026, 4, 14),
            "請求日 4/1(水) 起算 → 14日目 4/14(火) まで",
        ),
        ({}, date(2026, 4, 19), date(2026, 5, 7), "翌開庁日 5/7(木) まで"),
        ({"rollover": "none"}, date(2026, 4, 19), date(2026, 5, 3), "14日目 5/3(日) まで"),
        ({"days": 5}, date(2026, 12, 25), date(2027, 1, 4), "（閉庁日：年末年始） → 翌開庁日 2027/1/4(月) まで"),
    ],
)
def test_the_last_day_of_a_payment_is_counted_in_the_open(payment, claimed, due, working):
    found = rules.payment_due(city(payment=payment), claimed)

    assert found.date == due
    assert working in found.working


def test_the_citys_own_closed_days_move_a_payment_too():
    closed = city()
    closed["deadline"]["local_closed_days"] = ["04-15"]

    assert rules.payment_due(closed, date(2026, 4, 1)).date == date(2026, 4, 16)


def test_a_refund_is_due_thirty_days_after_the_day_of_the_reduction():
    found = rules.refund_due(city(payment={"count_from": "inclusive"}), date(2026, 7, 1))

    assert found.date == date(2026, 7, 31)
    assert found.working.startswith("減額の日 7/1(水) → 翌日 7/2(木) 起算")
    assert rules.refund_due(city(payment={"refund_days": 15}), date(2026, 7, 1)).date == date(2026, 7, 16)


@pytest.mark.parametrize(
    ("guarantee", "label", "after"),
    [
        ({"amounts": amounts(rounding=10_000)}, "電子保証 › 保証金額の割合 › 前払金の額の端数（円）", "10,000"),
        (
            {"thresholds": {"contract": {"from_price": 5_000_000}}},
            "電子保証 › 保証を求める契約・前払金を支払う契約の下限",
            "契約保証：請負代金額（円）：5,000,000",
        ),
        ({"payment": {"days": 20}}, "電子保証 › 前払金の支払と返還", "請求から支払までの日数：20"),
    ],
)
def test_a_changed_figure_shows_in_the_comparison_of_versions(guarantee, label, after):
    changes = {
        each.label: each.after
        for each in rules.differences(city(amounts=amounts()), city(**{"amounts": amounts()} | guarantee))
    }

    assert any(key.startswith(label) and value in after for key, value in changes.items()), changes
