"""Eligibility, deadlines and guarantees, computed from the rules of the guides and from variations of them."""

import copy
import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import presets, rules
from contracts.rules import CaseFacts

AWARDED = date(2026, 3, 6)
LATE_RULES = {"count_from": "next_day", "unit": "calendar", "days": 5, "rollover": "none", "late_policy": "block"}


def tosu(**period):
    changed = copy.deepcopy(presets.load("tosu"))
    changed["deadline"] |= period
    rules.validate(changed)
    return changed


def facts(**changes):
    ordinary = {
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": date(2026, 3, 2),
        "awarded_date": AWARDED,
        "contracted_date": None,
        "work_starts_date": date(2026, 3, 16),
        "work_ends_date": date(2027, 3, 15),
        "amount": 50_000_000,
    }
    return CaseFacts(**ordinary | changes)


# 期限（REQUIREMENTS 2.6 の例）


@pytest.mark.parametrize(
    ("awarded", "calendar", "rolled", "business"),
    [
        (date(2026, 3, 6), date(2026, 3, 11), date(2026, 3, 11), date(2026, 3, 13)),
        (date(2026, 3, 16), date(2026, 3, 21), date(2026, 3, 23), date(2026, 3, 24)),
        (date(2026, 4, 28), date(2026, 5, 3), date(2026, 5, 7), date(2026, 5, 11)),
        (date(2026, 12, 24), date(2026, 12, 29), date(2027, 1, 4), date(2027, 1, 6)),
    ],
)
def test_five_days_from_the_day_after_the_award_are_counted_in_every_mode(awarded, calendar, rolled, business):
    assert rules.deadline(tosu(), awarded).date == calendar
    assert rules.deadline(tosu(rollover="next_open"), awarded).date == rolled
    assert rules.deadline(tosu(unit="business"), awarded).date == business


@pytest.mark.parametrize(
    ("slug", "awarded", "last", "rolled"),
    [
        # 都城市は落札決定の日から起算して7日以内
        ("miyakonojo", date(2026, 3, 6), date(2026, 3, 12), date(2026, 3, 12)),
        ("miyakonojo", date(2026, 3, 16), date(2026, 3, 22), date(2026, 3, 23)),
        ("miyakonojo", date(2026, 4, 28), date(2026, 5, 4), date(2026, 5, 7)),
        ("miyakonojo", date(2026, 12, 24), date(2026, 12, 30), date(2027, 1, 4)),
        # 松山市は7日（土日祝除く）
        ("matsuyama", date(2026, 3, 6), date(2026, 3, 17), date(2026, 3, 17)),
        ("matsuyama", date(2026, 3, 16), date(2026, 3, 26), date(2026, 3, 26)),
        ("matsuyama", date(2026, 4, 28), date(2026, 5, 13), date(2026, 5, 13)),
        ("matsuyama", date(2026, 12, 24), date(2027, 1, 8), date(2027, 1, 8)),
        # 四万十市は10日
        ("shimanto", date(2026, 3, 6), date(2026, 3, 16), date(2026, 3, 16)),
        ("shimanto", date(2026, 3, 16), date(2026, 3, 26), date(2026, 3, 26)),
        ("shimanto", date(2026, 4, 28), date(2026, 5, 8), date(2026, 5, 8)),
        ("shimanto", date(2026, 12, 24), date(2027, 1, 3), date(2027, 1, 4)),
    ],
)
def test_other_cities_count_in_their_own_way(slug, awarded, last, rolled):
    city = presets.load(slug)

    assert rules.deadline(city, awarded).date == last
    city["deadline"]["rollover"] = "next_open"
    assert rules.deadline(city, awarded).date == rolled


@pytest.mark.parametrize(
    ("awarded", "last"),
    [
        (date(2026, 3, 6), date(2026, 3, 12)),
        (date(2026, 3, 16), date(2026, 3, 23)),
        (date(2026, 4, 28), date(2026, 5, 8)),
        (date(2026, 12, 24), date(2027, 1, 5)),
        # 落札日が閉庁日なら、次の開庁日が1日目
        (date(2026, 3, 7), date(2026, 3, 13)),
    ],
)
def test_open_days_may_be_counted_from_the_award_itself(awarded, last):
    assert rules.deadline(tosu(count_from="inclusive", unit="business"), awarded).date == last


@pytest.mark.parametrize(
    ("period", "awarded", "working"),
    [
        ({}, AWARDED, "落札日 3/6(金) → 翌日 3/7(土) 起算 → 5日目 3/11(水) まで"),
        ({"count_from": "inclusive"}, AWARDED, "落札日 3/6(金) 起算 → 5日目 3/10(火) まで"),
        (
            {"unit": "business"},
            date(2026, 12, 24),
            "落札日 12/24(木) → 翌日 12/25(金) 起算 → 5日目（閉庁日を除く） 2027/1/6(水) まで",
        ),
        (
            {"rollover": "next_open"},
            date(2026, 3, 16),
            "落札日 3/16(月) → 翌日 3/17(火) 起算 → 5日目 3/21(土)（閉庁日：土曜日） → 翌開庁日 3/23(月) まで",
        ),
    ],
)
def test_the_working_is_shown(period, awarded, working):
    assert rules.deadline(tosu(**period), awarded).working == working


@pytest.mark.parametrize(
    ("awarded", "why"),
    [
        (date(2026, 3, 16), "土曜日"),
        (date(2026, 12, 24), "年末年始"),
        (date(2026, 5, 1), "振替休日"),
        (date(2026, 9, 17), "国民の休日"),
    ],
)
def test_a_closed_last_day_without_roll_over_is_pointed_out(awarded, why):
    counted = rules.deadline(tosu(), awarded)

    assert why in counted.warning
    assert rules.deadline(tosu(rollover="next_open"), awarded).warning == ""


def test_an_open_last_day_needs_no_warning():
    assert rules.deadline(tosu(), AWARDED).warning == ""


@pytest.mark.parametrize("closed", ["2026-03-11", "03-11", date(2026, 3, 11)])
def test_a_local_closed_day_is_closed(closed):
    ruled = tosu(local_closed_days=[closed], rollover="next_open")

    assert rules.deadline(ruled, AWARDED).date == date(2026, 3, 12)


def test_a_municipality_without_a_period_has_no_deadline():
    assert rules.deadline(presets.load("usuki"), AWARDED) is None


def test_a_calendar_that_never_opens_is_named():
    every_day = [f"{date(2024, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366)]

    with pytest.raises(rules.RuleError, match="local_closed_days"):
        rules.deadline(tosu(unit="business", local_closed_days=every_day), AWARDED)


@pytest.mark.parametrize("awarded", [date(9999, 12, 31), date(2099, 12, 30), date(1, 1, 1)])
def test_a_year_without_holidays_is_not_counted_silently(awarded):
    with pytest.raises(rules.RuleError, match="祝日の表がない"):
        rules.deadline(tosu(), awarded)


# 祝日の表は初めの一度だけ読むのに時間がかかる。時間を試験の成否にしない。
@settings(deadline=None)
@given(
    awarded=st.dates(date(1989, 1, 8), date(2097, 12, 31)),
    days=st.integers(1, 180),
    count_from=st.sampled_from(["inclusive", "next_day"]),
    unit=st.sampled_from(["calendar", "business"]),
    rollover=st.sampled_from(["none", "next_open"]),
)
def test_a_deadline_never_precedes_the_award_and_more_days_never_end_sooner(awarded, days, count_from, unit, rollover):
    period = LATE_RULES | {"count_from": count_from, "unit": unit, "rollover": rollover}
    counted = rules.deadline({"deadline": period | {"days": days}}, awarded)
    longer = rules.deadline({"deadline": period | {"days": days + 1}}, awarded)

    assert awarded <= counted.date <= longer.date
    assert counted.date >= awarded + timedelta(days=days - (count_from == "inclusive"))
    assert not (rollover == "next_open" and counted.date.weekday() >= 5)
    assert len(counted.working) < 200


@settings(deadline=None)
@given(awarded=st.dates(date(1989, 1, 8), date(2097, 12, 31)), days=st.integers(1, 60))
def test_open_days_never_end_before_calendar_days(awarded, days):
    calendar = rules.deadline({"deadline": LATE_RULES | {"days": days}}, awarded)
    business = rules.deadline({"deadline": LATE_RULES | {"days": days, "unit": "business"}}, awarded)

    assert calendar.date <= business.date
    assert business.warning == ""


# 残り日数と期限後


def test_days_left_reach_zero_on_the_last_day():
    last = date(2026, 3, 11)

    assert [rules.days_left(last, last + timedelta(days=n)) for n in (-5, 0, 1)] == [5, 0, -1]


@pytest.mark.parametrize(
    ("period", "over", "is_late", "allowed", "needs_reason"),
    [
        ({}, 0, False, True, False),
        ({}, 1, True, False, False),
        ({"late_policy": "warn"}, 0, False, True, False),
        ({"late_policy": "warn"}, 30, True, True, True),
        ({"late_policy": "tolerate", "tolerate_days": 2}, 2, True, True, False),
        ({"late_policy": "tolerate", "tolerate_days": 2}, 3, True, False, False),
    ],
)
def test_lateness_follows_the_policy_of_the_municipality(period, over, is_late, allowed, needs_reason):
    last = date(2026, 3, 11)

    lateness = rules.late(tosu(**period), last, last + timedelta(days=over))

    assert (lateness.late, lateness.allowed, lateness.needs_reason) == (is_late, allowed, needs_reason)
    assert "令和8年3月11日" in lateness.text


def test_the_policy_after_the_deadline_is_told():
    assert [rules.late_policy(presets.load(slug)) for slug in ("tosu", "matsuyama", "miyakonojo", "usuki")] == [
        "block",
        "warn",
        "tolerate",
        "block",
    ]
    assert [rules.tolerated_days(presets.load(slug)) for slug in ("tosu", "miyakonojo", "usuki")] == [0, 3, 0]


def test_the_day_of_the_contract_is_the_last_signature_unless_the_city_prints_it():
    assert rules.date_basis(presets.load("miyakonojo")) == "printed_date"
    assert rules.date_basis(presets.load("tosu")) == "last_signature"
    assert rules.date_basis(presets.load("usuki")) == "last_signature"


def test_a_refusal_says_how_late_it_is():
    lateness = rules.late(tosu(), date(2026, 3, 11), date(2026, 3, 13))

    assert lateness.text == (
        "契約締結期限（令和8年3月11日）を2日過ぎています。契約締結の遡及はできないため、署名できません。"
    )


# 電子契約の対象


def test_an_ordinary_tender_is_eligible():
    verdict = rules.econtract_verdict(tosu(), facts())

    assert verdict.eligible
    assert verdict.decided_by == "鳥栖市の電子契約の条件を、すべて満たしています。"
    assert all(line.passed for line in verdict.lines)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"announced_date": date(2026, 2, 28)}, "公告（現場説明など）の日が令和8年3月1日以降であることが条件です。"),
        ({"announced_date": None}, "登録されていないため、判定できません。"),
        ({"kind": "other"}, "この案件はその他ですので、対象外です。"),
        ({"kind": "unheard_of"}, "この案件はunheard_ofですので、対象外です。"),
        ({"procurement_method": "negotiated"}, "随意契約は対象外です。"),
        ({"work_starts_date": date(2026, 4, 1)}, "4月1日履行開始分は対象外です。"),
        ({"work_starts_date": None}, "履行開始日が登録されていないため、判定できません。"),
    ],
)
def test_the_rule_that_refuses_a_case_is_named(changes, reason):
    verdict = rules.econtract_verdict(tosu(), facts(**changes))

    assert not verdict.eligible
    assert reason in verdict.decided_by
    assert [line.text for line in verdict.lines if not line.passed] == [verdict.decided_by]


def test_the_first_day_of_the_rule_is_inside():
    assert rules.econtract_verdict(tosu(), facts(announced_date=date(2026, 3, 1))).eligible


def test_the_value_of_the_case_is_shown_in_the_japanese_calendar():
    verdict = rules.econtract_verdict(tosu(), facts(announced_date=date(2026, 2, 28)))

    assert "この案件は令和8年2月28日ですので、条件を満たしません。" in verdict.decided_by


def test_a_municipality_that_offers_none_says_why():
    verdict = rules.econtract_verdict(presets.load("usuki"), facts())

    assert not verdict.eligible
    assert "手引に電子契約の定めがない" in verdict.decided_by


def test_a_verdict_can_be_kept_as_json():
    kept = rules.econtract_verdict(tosu(), facts(kind="other")).to_dict()

    assert json.loads(json.dumps(kept)) == kept
    assert set(kept) == {"eligible", "decided_by", "lines", "version"}
    assert kept["version"] == "令和8年3月1日運用開始版"
    assert [line["rule"] for line in kept["lines"]] == [
        "適用時期",
        "適用案件",
        "対象外の調達方法",
        "対象外の履行開始日",
    ]
    assert all(set(line) == {"text", "passed", "rule", "caution"} for line in kept["lines"])


@pytest.mark.parametrize(
    ("operator", "passing"),
    [("on_or_after", {1, 2}), ("after", {2}), ("on_or_before", {0, 1}), ("before", {0})],
)
def test_conditions_compare_as_their_operator_says(operator, passing):
    changed = tosu()
    changed["econtract"]["conditions"] = [
        {"date_field": "awarded_date", "operator": operator, "date": date(2026, 3, 2)},
    ]

    verdicts = [rules.econtract_verdict(changed, facts(awarded_date=date(2026, 3, 1 + n))) for n in range(3)]

    assert {n for n, verdict in enumerate(verdicts) if verdict.eligible} == passing


def test_a_minimum_amount_is_inclusive():
    changed = tosu()
    changed["econtract"]["minimum_amount"] = 1_300_000

    assert rules.econtract_verdict(changed, facts(amount=1_300_000)).eligible
    assert "1,300,000円以上" in rules.econtract_verdict(changed, facts(amount=1_299_999)).decided_by


# 電子保証の対象は、電子契約とは別に決まる（C4, C5）


def test_maintenance_may_be_contracted_but_not_guaranteed_electronically():
    maintenance = facts(kind="maintenance")

    assert rules.econtract_verdict(tosu(), maintenance).eligible
    assert not rules.guarantee_verdict(tosu(), maintenance).eligible


def test_usuki_asks_for_the_day_of_the_original_contract():
    usuki = presets.load("usuki")

    assert rules.guarantee_verdict(usuki, facts(contracted_date=date(2025, 4, 1))).eligible
    assert not rules.guarantee_verdict(usuki, facts(contracted_date=date(2025, 3, 31))).eligible
    assert "当初契約の締結日が登録されていない" in rules.guarantee_verdict(usuki, facts()).decided_by


def test_usuki_takes_guarantees_for_works_only():
    survey = facts(kind="survey_consulting", contracted_date=date(2026, 3, 10))

    assert not rules.guarantee_verdict(presets.load("usuki"), survey).eligible


def test_each_guarantee_goes_where_the_guide_says():
    assert rules.route(tosu(), "contract") == "契約検査課"
    assert rules.route(tosu(), "advance") == rules.CASE_DEPARTMENT
    assert rules.route(tosu(), "interim_advance") == rules.CASE_DEPARTMENT


def test_each_city_asks_for_its_own_papers():
    assert rules.required_papers(tosu(), "advance") == ("notice",)
    assert rules.required_papers(presets.load("usuki"), "advance") == ("notice", "certificate_screen")


@pytest.mark.parametrize("ask", [rules.route, rules.required_papers])
@pytest.mark.parametrize("slug", ["tosu", "usuki"])
def test_a_bid_bond_is_refused_with_its_reason(ask, slug):
    with pytest.raises(rules.GuaranteeRefused, match=r"契約保証予約（入札ボンド）は電子保証の対象外です。"):
        ask(presets.load(slug), "bid_bond")


def test_an_unknown_type_and_a_closed_counter_are_refused():
    closed = tosu()
    closed["guarantee"] = {"offered": False, "reason": "準備中です。"}

    with pytest.raises(rules.GuaranteeRefused, match="対象は契約保証、前払金保証、中間前払金保証です"):
        rules.route(tosu(), "performance_bond")
    with pytest.raises(rules.GuaranteeRefused, match="準備中です"):
        rules.route(closed, "contract")


# 規則の形


def put(path, value):
    """Change one place of the data; ... removes it."""

    def change(data):
        *way, last = path
        for step in way:
            data = data[step]
        if value is ...:
            del data[last]
        else:
            data[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (put(["name"], ""), "「name」（自治体の名称）"),
        (put(["name"], ...), "「name」（自治体の名称）がありません"),
        (put(["colour"], "red"), "「colour」という項目はありません"),
        (put(["effective_date"], "2026-02-30"), "「effective_date」（施行日）"),
        (put(["effective_date"], 20260301), "「effective_date」（施行日）"),
        (put(["kinds"], []), "「kinds」（工種・業務区分の呼び名）は表"),
        (put(["kinds", "construction"], 3), "「construction」は空でない文字列"),
        (put(["econtract", "offered"], "はい"), "「offered」（取扱い）は true か false"),
        (put(["econtract", "kinds"], ...), "「econtract」の「kinds」（適用案件）がありません"),
        (put(["econtract", "kinds"], ["goods"]), "「goods」の呼び名が「kinds」にありません"),
        (put(["econtract", "excluded_methods"], ["lottery"]), "「lottery」の呼び名が「methods」にありません"),
        (
            put(["econtract", "excluded_work_starts"], ["13-01"]),
            "「excluded_work_starts」（対象外の履行開始日）の1番目",
        ),
        (
            put(["econtract", "excluded_work_starts"], ["W01-1"]),
            "「excluded_work_starts」（対象外の履行開始日）の1番目",
        ),
        (put(["econtract", "conditions", 0, "operator"], ">="), "「operator」（比べ方）はon_or_after"),
        (put(["econtract", "conditions", 0, "date_field"], "signed_date"), "「date_field」（基準にする日）"),
        (put(["econtract", "minimum_amount"], True), "「minimum_amount」（金額の下限（円））"),
        (put(["deadline"], ...), "「deadline」（契約締結期限）が要ります"),
        (put(["consent"], ...), "「consent」（電子契約利用承諾書）が要ります"),
        (put(["consent", "notes"], []), "「notes」（備考）は1個以上の並び"),
        (put(["contract"], ...), "「contract」（契約書に印字する条件）が要ります"),
        (
            put(["contract", "tax_percent"], 0.1),
            "「tax_percent」（消費税及び地方消費税の率（％））は0以上100以下の整数",
        ),
        (put(["guarantee", "amounts"], ...), "「guarantee」の「amounts」（保証金額の割合）がありません"),
        (put(["guarantee", "amounts", "advance_percent"], 101), "「advance_percent」（前払金保証の割合（％））"),
        (put(["deadline", "days"], 0), "「days」（日数）は1以上180以下の整数"),
        (put(["deadline", "days"], "5"), "「days」（日数）は1以上180以下の整数"),
        (put(["deadline", "count_from"], "today"), "「count_from」（起算日）はinclusive、next_day"),
        (put(["deadline", "late_policy"], "tolerate"), "「tolerate_days」（猶予の日数）"),
        (put(["deadline", "tolerate_days"], 2), "「tolerate_days」（猶予の日数）"),
        (put(["deadline", "local_closed_days"], ["8月14日"]), "「local_closed_days」（自治体独自の閉庁日）の1番目"),
        (put(["guarantee", "types"], ["bid_bond"]), "「types」（保証の種類）の1番目"),
        (put(["guarantee", "routing"], ...), "「guarantee」の「routing」（提出先）がありません"),
        (put(["guarantee", "routing", "advance"], ...), "「routing」（提出先）は、「types」の種類を過不足なく"),
        (put(["guarantee", "papers", "advance"], ["receipt"]), "「advance」（前払金保証）の1番目"),
        (put(["guarantee", "channels"], "email"), "「channels」（提出方法）は1個以上の並び"),
        (put(["guarantee", "offered"], False), "「guarantee」の「reason」（取り扱わない理由）がありません"),
    ],
)
def test_wrong_rule_data_is_refused_by_the_name_of_its_key(change, named):
    data = presets.load("tosu")
    change(data)

    with pytest.raises(rules.RuleError) as refusal:
        rules.validate(data)

    assert named in str(refusal.value)


@pytest.mark.parametrize("data", [None, [], "鳥栖市", 5, {}])
def test_something_that_is_no_rule_set_is_refused(data):
    with pytest.raises(rules.RuleError):
        rules.validate(data)
