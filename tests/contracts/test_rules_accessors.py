"""What the rules answer besides verdicts and deadlines; older versions, which lack the keys, answer with defaults."""

import copy
from datetime import date

import pytest

from contracts import presets, rules
from contracts.rules import RouteStep, choices

ADDED_LATER = {
    "econtract": {"council", "council_amount", "exclusions", "longest_years"},
    "deadline": {"date_basis"},
    "consent": {"methods"},
    "contract": {"percents", "delay_rate", "days_off", "hours_off", "arbitration_body", "clause_sets"},
}


def as_once_stored(slug):
    """Give a preset back the shape it had before clauses, routes and texts became data."""
    loaded = presets.load(slug)
    for section in ("signing", "approval", "routing", "texts", "city"):
        loaded.pop(section, None)
    for section, keys in ADDED_LATER.items():
        for key in keys & loaded.get(section, {}).keys():
            del loaded[section][key]
    if slug == "tosu":
        loaded["contract"]["clause_set"] = "契約約款"
    else:
        loaded.pop("contract", None)
    return loaded


@pytest.mark.parametrize("slug", ["tosu", "usuki"])
def test_an_older_version_is_still_valid_and_answers_everything(slug):
    old = as_once_stored(slug)

    rules.validate(old)
    assert rules.date_basis(old) == "last_signature"
    assert rules.signing_order(old, joint_venture=False) == ("contractor", "city")
    assert rules.signing_order(old, joint_venture=True) == ("members", "representative", "city")
    assert rules.department_for(old, "consent") == rules.CASE_DEPARTMENT
    assert rules.approval_route(old, document="original", amount=10**12).steps == (
        RouteStep(kind="approve", label="承認", role="approver", department="", need=1),
    )
    assert [method["topic"] for method in rules.consent_methods(old)] == [
        "電磁的措置の種類",
        "ファイルへの記録の方式",
        "必要な環境",
        "承諾の撤回",
    ]
    assert all(
        rules.text(old, key) == () for key in ("guide", "merits", "comparison", "faq", "glossary", "links", "help")
    )
    assert len(rules.card(old)) == len(choices.TOPICS)
    assert rules.guarantee_terms(old, "survey_consulting").percents["advance"] == 40


def test_an_older_version_has_its_clause_set_by_name_only():
    old = as_once_stored("tosu")

    found = rules.clause_set(old, kind="construction", on=date(2026, 3, 10))

    assert (found.name, found.articles, found.electronic_guarantee) == ("契約約款", (), True)
    assert rules.clause_set_named(old, "契約約款") == found
    assert rules.clause_set_named(old, "別の約款") is None
    assert rules.contract_terms(old, kind="construction").delay_rate == "年2.5パーセント"


# 約款


def test_each_kind_of_case_has_its_clauses():
    tosu = presets.load("tosu")

    works = rules.clause_set(tosu, kind="construction", on=date(2026, 3, 10))
    services = rules.clause_set(tosu, kind="maintenance", on=date(2026, 3, 10))

    assert (works.name, len(works.articles)) == ("工事請負契約約款", 36)
    assert (services.name, len(services.articles)) == ("業務委託契約約款", 30)
    assert works.articles[0].title == "（総則）"
    assert works.articles[5].paragraphs[0].splitlines()[1] == "(1)　契約保証金の納付"
    assert rules.clause_set_named(tosu, "業務委託契約約款") == services


def test_the_newest_clauses_in_effect_on_the_day_are_used():
    tosu = presets.load("tosu")
    revised = copy.deepcopy(tosu["contract"]["clause_sets"][0])
    revised |= {"name": "工事請負契約約款（令和9年4月1日改正）", "effective_date": "2027-04-01"}
    tosu["contract"]["clause_sets"].append(revised)
    rules.validate(tosu)

    def name(day):
        return rules.clause_set(tosu, kind="construction", on=day).name

    assert name(date(2027, 3, 31)) == "工事請負契約約款"
    assert name(date(2027, 4, 1)) == "工事請負契約約款（令和9年4月1日改正）"


def test_a_day_before_all_clauses_is_refused_in_words():
    with pytest.raises(rules.RuleError, match="令和8年2月28日に建設工事に使える約款がありません"):
        rules.clause_set(presets.load("tosu"), kind="construction", on=date(2026, 2, 28))


def test_usuki_knows_its_clauses_by_name_and_date():
    usuki = rules.clause_set(presets.load("usuki"), kind="construction", on=date(2026, 4, 1))

    assert usuki.name == "臼杵市公共工事請負契約約款(令和7年4月1日改正)"
    assert usuki.effective_date == date(2025, 4, 1)
    assert (usuki.articles, usuki.electronic_guarantee) == ((), True)


def test_advances_differ_by_kind():
    tosu = presets.load("tosu")

    def percents(kind):
        terms = rules.contract_terms(tosu, kind=kind)
        return terms.advance_percent, terms.interim_percent

    assert [percents(kind) for kind in ("construction", "survey_consulting", "maintenance", "other")] == [
        (40, 20),
        (30, 0),
        (0, 0),
        (40, 20),
    ]
    assert rules.guarantee_terms(tosu, "survey_consulting").percents == {
        "contract": 10,
        "advance": 30,
        "interim_advance": 0,
    }


def test_a_city_without_electronic_contracts_prints_none():
    with pytest.raises(rules.RuleError, match="契約書に印字する条件がありません"):
        rules.contract_terms(presets.load("usuki"), kind="construction")


# 決裁と署名の順


@pytest.mark.parametrize(
    ("document", "amount", "route"),
    [
        ("original", 49_999_999, "標準の決裁"),
        ("original", 50_000_000, "高額の契約の決裁"),
        ("amendment", 10**10, "高額の契約の決裁"),
        ("correction", 10**10, "標準の決裁"),
        ("original", 0, "標準の決裁"),
    ],
)
def test_the_route_with_the_largest_reached_amount_is_taken(document, amount, route):
    assert rules.approval_route(presets.load("matsuyama"), document=document, amount=amount).name == route


def test_above_an_amount_two_people_approve():
    route = rules.approval_route(presets.load("matsuyama"), document="original", amount=60_000_000)

    assert route.steps == (
        RouteStep(kind="approve", label="課長2人の承認", role="approver", department="", need=2),
        RouteStep(kind="view", label="契約検査担当の閲覧", role="guarantee_officer", department="", need=1),
    )


def test_a_document_without_a_route_is_refused_in_words():
    ruled = presets.load("matsuyama")
    ruled["approval"]["routes"] = ruled["approval"]["routes"][1:]

    with pytest.raises(rules.RuleError, match="訂正の合意の決裁の経路がありません"):
        rules.approval_route(ruled, document="correction", amount=10**8)


def test_the_contact_confirms_first_where_the_city_wants_it():
    ruled = presets.load("tosu") | {
        "signing": {"contact_confirms": True, "jv_order": ["representative", "members", "city"]}
    }
    rules.validate(ruled)

    assert rules.signing_order(ruled, joint_venture=False) == ("contact", "contractor", "city")
    assert rules.signing_order(ruled, joint_venture=True) == ("contact", "representative", "members", "city")


def test_documents_go_to_the_department_the_city_names():
    ruled = presets.load("tosu") | {"routing": {"consent": "契約検査課"}}

    assert rules.department_for(ruled, "consent") == "契約検査課"
    assert rules.department_for(ruled, "amendment") == rules.CASE_DEPARTMENT
    assert rules.departments(ruled) == {"契約検査課"}


def test_the_roles_of_the_rules_are_the_roles_of_people():
    from accounts.models import OrganizationKind, Role

    assert {role.value: role.label for role in Role.of(OrganizationKind.MUNICIPALITY)} == choices.ROLES
