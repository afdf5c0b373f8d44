"""Registering and correcting a case in the browser, and finding it in the list."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from contracts import paging
from contracts.models import Case, Contract, ContractKind, RuleSet
from contracts.services.cases import registering
from contracts.states import CaseState
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, Role.DRAFTER)


def typed_case(tenant, **values) -> dict:
    today = timezone.localdate()
    return {
        "number": "鳥建工第7号",
        "title": "市道元町線道路改良工事",
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": (today - timedelta(days=9)).isoformat(),
        "awarded_date": today.isoformat(),
        "amount": "１１，０００，０００円",
        "work_starts_date": (today + timedelta(days=20)).isoformat(),
        "work_ends_date": (today + timedelta(days=200)).isoformat(),
        "department": Department.unscoped.get(tenant=tenant, name="建設課").pk,
    } | values


def test_searching_for_the_awardee_without_javascript_keeps_what_was_typed_and_registers_nothing(tosu, clerk):
    firm = factories.contractor(tosu.tenant, name="㈱髙﨑建設")
    factories.contractor(tosu.tenant, name="別の会社")
    before = Case.unscoped.count()

    page = clerk.post(
        reverse("case_new"), typed_case(tosu.tenant, contractor_words="株式会社高崎", search="1", needs_council="on")
    )

    text = page.content.decode()
    assert page.status_code == 200
    assert "㈱髙﨑建設" in text
    assert "別の会社" not in text
    assert 'value="市道元町線道路改良工事"' in text
    assert 'value="１１，０００，０００円"' in text
    assert page.context["form"]["needs_council"].value() == "on"
    assert not page.context["form"].errors
    assert Case.unscoped.count() == before
    done = clerk.post(reverse("case_new"), typed_case(tosu.tenant, contractor=firm.pk, needs_council="on"))
    assert done.status_code == 302
    assert Case.unscoped.get(number="鳥建工第7号").needs_council


def test_at_most_twenty_candidates_are_offered_and_the_chosen_one_stays(tosu, clerk):
    firms = [factories.contractor(tosu.tenant, name=f"甲{number:02}建設") for number in range(30)]

    page = clerk.get(reverse("contractor_search"), {"contractor_words": "甲", "contractor": firms[-1].pk})

    text = page.content.decode()
    assert text.count('type="radio"') == 21
    assert f'value="{firms[-1].pk}"\n             checked' in text
    assert "ほかにもあります" in text
    assert "名簿にありません" in clerk.get(reverse("contractor_search"), {"contractor_words": "無い"}).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"awarded_date": "令和0年3月1日"}, "令和0年"),
        ({"awarded_date": "2026/2/30"}, "という日付はありません"),
        ({"work_ends_date": "R2.1.1"}, "工期の終期が始期より前"),
        ({"amount": "-1"}, "0円以上"),
        ({"amount": "９" * 20}, "桁数が多すぎます"),
        ({"amount": "0"}, "1円以上"),
        ({"title": "工\u0007事"}, "2文字目に、名前には使えない制御文字（U+0007）"),
        ({"title": "工事\u202egnp"}, "3文字目に、名前には使えない文字の向きを変える文字（U+202E）"),
        ({"contractor": ""}, "名簿から落札者を選んでください"),
        ({"kind": "space"}, "space"),
    ],
)
def test_a_bad_value_is_refused_beside_its_field_and_nothing_typed_is_lost(tosu, clerk, wrong, said):
    firm = factories.contractor(tosu.tenant)

    page = clerk.post(reverse("case_new"), typed_case(tosu.tenant, contractor=firm.pk) | wrong)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert "鳥建工第7号" in page.content.decode()
    assert not Case.unscoped.filter(number="鳥建工第7号").exists()


def test_kinds_methods_and_exclusions_are_named_by_the_rules_in_force(tosu, clerk):
    data = tosu.case.rule_set.data
    econtract = data["econtract"] | {"exclusions": [{"key": "subsidy", "label": "国の補助の手続きで紙を要するもの"}]}
    rules = data | {"kinds": data["kinds"] | {"construction": "土木・建築の工事"}, "econtract": econtract}
    RuleSet.unscoped.create(tenant=tosu.tenant, number=2, name="改正", effective_date=timezone.localdate(), data=rules)
    firm = factories.contractor(tosu.tenant)

    text = clerk.get(reverse("case_new")).content.decode()
    clerk.post(reverse("case_new"), typed_case(tosu.tenant, contractor=firm.pk, traits=["subsidy"]))

    assert "土木・建築の工事" in text
    assert "国の補助の手続きで紙を要するもの" in text
    case = Case.unscoped.get(number="鳥建工第7号")
    assert (case.traits, case.is_eligible) == (["subsidy"], False)


def as_typed(page) -> dict:
    """Read the form back as a browser would send it."""
    form = page.context["form"]
    held = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in held.items() if value not in (None, False)}


def test_a_case_is_corrected_and_judged_again(tosu, clerk):
    address = reverse("case_edit", args=[tosu.case.pk])

    assert address in clerk.get(reverse("case", args=[tosu.case.pk])).content.decode()

    page = clerk.post(address, as_typed(clerk.get(address)) | {"procurement_method": "negotiated"})

    assert page.status_code == 302
    tosu.case.refresh_from_db()
    assert (tosu.case.is_eligible, tosu.case.edit_number) == (False, 1)


def test_the_second_of_two_correctors_sees_both_values_and_overwrites_nothing(tosu, clerk):
    address = reverse("case_edit", args=[tosu.case.pk])
    opened = as_typed(clerk.get(address))
    registering.correct(
        tosu.case, actor=tosu.drafter, at=timezone.now(), edit_number=0, place="元町", amount=22_000_000
    )

    told = clerk.post(address, opened | {"place": "本町"})

    text = told.content.decode()
    assert told.status_code == 409
    assert "他の職員が先に保存しました" in text
    assert ("元町" in text, "本町" in text, "22,000,000円" in text, "11,000,000円" in text) == (True,) * 4
    tosu.case.refresh_from_db()
    assert tosu.case.place == "元町"
    assert clerk.post(address, opened | {"place": "本町", "edit_number": "1"}).status_code == 302


def test_a_case_under_contract_says_why_it_is_not_corrected(tosu, clerk):
    address = reverse("case_edit", args=[tosu.case.pk])
    opened = as_typed(clerk.get(address))
    tosu.sent()
    assert address not in clerk.get(reverse("case", args=[tosu.case.pk])).content.decode()

    page = clerk.post(address, opened | {"place": "本町"})

    assert page.status_code == 422
    assert "契約の手続きが進んでいるため" in page.content.decode()


def listed(client, **asked) -> list[str]:
    return [case.number for case, _, _ in client.get(reverse("case_list"), asked).context["rows"]]


def test_the_list_is_searched_by_any_spelling_and_filtered_by_state_department_and_deadline(tosu, clerk):
    firm = factories.contractor(tosu.tenant, name="㈱髙﨑建設")
    late = timezone.localdate() - timedelta(days=30)
    other = Department.unscoped.get(tenant=tosu.tenant, name="契約検査課")
    wanted = factories.case(
        tosu.tenant, contractor=firm, number="鳥工９９号", awarded_date=late, announced_date=late, department=other
    )
    Case.unscoped.filter(pk=tosu.case.pk).update(state=CaseState.PAPER)

    assert listed(clerk, words="株式会社高崎 鳥工99") == ["鳥工９９号"]
    assert listed(clerk, state="asking") == ["鳥工９９号"]
    assert listed(clerk, department=other.pk) == ["鳥工９９号"]
    assert listed(clerk, deadline="passed") == ["鳥工９９号"]
    assert listed(clerk, deadline="near") == []
    assert listed(clerk, words="無い") == []
    assert clerk.get(reverse("case_list"), {"state": "x"}).status_code == 422
    assert wanted.pk


def test_the_list_is_paged_by_key_and_keeps_its_conditions(tosu, clerk):
    for number in range(paging.PAGE + 3):
        factories.case(tosu.tenant, number=f"乙{number:03}")

    first = clerk.get(reverse("case_list"), {"words": "乙"})
    second = clerk.get(reverse("case_list") + first.context["next_url"])

    numbers = [case.number for page in (first, second) for case, _, _ in page.context["rows"]]
    assert numbers == [f"乙{number:03}" for number in reversed(range(paging.PAGE + 3))]
    assert second.context["next_url"] == ""


def test_the_list_tells_the_state_of_the_original_and_counts_amendments(tosu, clerk, django_assert_max_num_queries):
    tosu.accepted()
    Contract.unscoped.create(
        tenant=tosu.tenant, case=tosu.case, kind=ContractKind.AMENDMENT, number=1, title="第1回変更契約"
    )
    for _ in range(20):
        factories.case(tosu.tenant)
    clerk.get(reverse("case_list"))

    with django_assert_max_num_queries(12):
        page = clerk.get(reverse("case_list"))

    text = page.content.decode()
    assert "起案待ち" in text
    assert "変更 1回" in text
