"""The council, contracts of many years, the exclusions a city lists, and its general terms."""

from dataclasses import replace
from datetime import date

import pytest

from contracts import presets, rules
from contracts.rules import CaseFacts

FACTS = CaseFacts(
    kind="construction",
    procurement_method="open_tender",
    announced_date=date(2026, 3, 2),
    awarded_date=date(2026, 3, 6),
    contracted_date=None,
    work_starts_date=date(2026, 4, 10),
    work_ends_date=date(2027, 3, 15),
    amount=50_000_000,
)


def city(slug="tosu", **econtract):
    loaded = presets.load(slug)
    loaded["econtract"] |= econtract
    rules.validate(loaded)
    return loaded


def line(verdict, rule):
    return next((each for each in verdict.lines if each.rule == rule), None)


# 議会の議決


@pytest.mark.parametrize(
    ("council", "eligible", "says"),
    [
        ("excluded", False, "議会の議決に付すべき契約は対象外です。"),
        ("provisional", True, "まず仮契約を締結し、議決を得た日に本契約とします。"),
        ("allowed", True, "議会の議決に付すべき契約も対象です。"),
    ],
)
def test_a_contract_for_the_council_goes_as_the_city_says(council, eligible, says):
    verdict = rules.econtract_verdict(city(council=council), replace(FACTS, needs_council=True))

    assert verdict.eligible is eligible
    assert says in line(verdict, "議会の議決に付すべき契約").text


def test_a_city_that_says_nothing_of_the_council_is_to_be_asked():
    silent = city()
    del silent["econtract"]["council"]

    asked = line(rules.econtract_verdict(silent, replace(FACTS, needs_council=True)), "議会の議決に付すべき契約")

    assert (asked.passed, asked.caution) == (True, True)
    assert "扱いの定めがありません" in asked.text


@pytest.mark.parametrize(("amount", "warned"), [(149_999_999, False), (150_000_000, True), (None, False)])
def test_a_large_amount_is_pointed_out_when_the_council_was_not_thought_of(amount, warned):
    verdict = rules.econtract_verdict(city(), replace(FACTS, amount=amount))

    assert verdict.eligible
    found = line(verdict, "議会の議決に付すべき契約")
    assert (found is not None) is warned
    assert not warned or (found.caution and "議決の要否をご確認ください。" in found.text)


# 長い契約


@pytest.mark.parametrize(
    ("starts", "ends", "eligible"),
    [
        (date(2026, 4, 10), date(2036, 4, 9), True),
        (date(2026, 4, 10), date(2036, 4, 10), False),
        # 民法143条: 応当する日がなければ、その月の末日に満了する
        (date(2024, 2, 29), date(2034, 2, 28), True),
        (date(2024, 2, 29), date(2034, 3, 1), False),
        (date(2026, 1, 1), date(2035, 12, 31), True),
    ],
)
def test_ten_years_are_counted_to_the_day_before_the_corresponding_day(starts, ends, eligible):
    ruled = city("matsuyama")

    verdict = rules.econtract_verdict(ruled, replace(FACTS, work_starts_date=starts, work_ends_date=ends))

    assert verdict.eligible is eligible
    assert "10年を超える契約は対象外です。" in line(verdict, "契約期間の上限（年）").text


def test_a_contract_without_a_last_day_cannot_be_judged():
    verdict = rules.econtract_verdict(city("matsuyama"), replace(FACTS, work_ends_date=None))

    assert not verdict.eligible
    assert "契約期間が登録されていないため、判定できません。" in verdict.decided_by


# 対象外の一覧


def test_a_listed_exclusion_refuses_the_case_that_has_it():
    verdict = rules.econtract_verdict(city("matsuyama"), replace(FACTS, traits=frozenset({"business_leasehold"})))

    assert not verdict.eligible
    assert verdict.decided_by == "事業用定期借地契約は対象外です。この案件はこれに当たりますので、対象外です。"
    assert len([each for each in verdict.lines if each.rule == "対象外の案件の一覧"]) == 5


def test_an_exclusion_of_another_city_means_nothing_here():
    assert rules.econtract_verdict(city(), replace(FACTS, traits=frozenset({"business_leasehold"}))).eligible


def test_the_council_and_the_exclusions_say_nothing_about_guarantees():
    asked = {each.rule for each in rules.guarantee_verdict(city(), replace(FACTS, needs_council=True)).lines}

    assert asked == {"適用時期", "適用案件", "約款"}


# 電子保証には、電磁的方法の定めのある約款が要る（R117）


def test_a_guarantee_needs_general_terms_that_allow_it():
    usuki = presets.load("usuki")
    contracted = replace(FACTS, contracted_date=date(2025, 4, 1))

    verdict = rules.guarantee_verdict(usuki, contracted)
    assert verdict.eligible
    assert "約款「臼杵市公共工事請負契約約款(令和7年4月1日改正)」に定めがあります" in line(verdict, "約款").text

    usuki["contract"]["clause_sets"][0]["electronic_guarantee"] = False
    refused = rules.guarantee_verdict(usuki, contracted)
    assert not refused.eligible
    assert "に定めがないため、対象外です。" in refused.decided_by


def test_a_minimum_cannot_be_judged_without_an_amount():
    verdict = rules.econtract_verdict(city(minimum_amount=1_300_000), replace(FACTS, amount=None))

    assert "請負代金額が登録されていないため、判定できません。" in verdict.decided_by


@pytest.mark.parametrize("slug", presets.available())
def test_every_line_names_its_rule_and_the_verdict_its_version(slug):
    loaded = presets.load(slug)

    for verdict in (rules.econtract_verdict(loaded, FACTS), rules.guarantee_verdict(loaded, FACTS)):
        assert verdict.version == loaded["version"]
        assert all(each.rule for each in verdict.lines)
