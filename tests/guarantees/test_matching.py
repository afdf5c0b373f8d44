"""What a certificate must say follows the contract as it stands, on paper or not, and the city's rules."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from contracts.models import Case
from contracts.services.cases import registering
from guarantees import services
from guarantees.models import Channel, Guarantee, Institution, InstitutionKind
from guarantees.rules.expected import Expected
from guarantees.states import GuaranteeState
from tests.contracts.services.test_amending import amend, carry_through, edit
from tests.guarantees.conftest import NUMBER, checked, contracted, officer, submitted
from tests.guarantees.test_expecting import changed
from tests.stories import story

pytestmark = pytest.mark.django_db
LATER = timedelta(days=30)


def asked_of(guarantee: Guarantee) -> Expected:
    fresh = Guarantee.unscoped.select_related("case__tenant", "case__rule_set", "case__contractor").get(pk=guarantee.pk)
    return services.expected(fresh, on=timezone.localdate())


def found(guarantee: Guarantee) -> dict[str, str]:
    guarantee.refresh_from_db()
    return {line["name"]: line["text"] for line in guarantee.findings}


def test_a_contract_on_paper_says_what_is_expected(case):
    expected = asked_of(submitted(case))

    assert expected.beneficiaries[:2] == ("鳥栖市長", "鳥栖市")
    assert expected.applicants[0] == case.contractor.name
    assert (expected.price, expected.work_until) == (100_000_000, case.work_ends_date)
    assert expected.contracted_date == case.paper_contract_date
    assert expected.clauses is None
    assert expected.namesakes == ()


def test_a_change_on_paper_leaves_its_earlier_terms_to_the_journal(case):
    before = case.amount, case.work_ends_date
    changed(case, amount=110_000_000, work_ends_date=case.work_ends_date + LATER)
    changed(case, amount=120_000_000)

    expected = asked_of(submitted(case))

    assert (expected.price, expected.work_until) == (120_000_000, before[1] + LATER)
    assert sorted(expected.earlier_prices) == [100_000_000, 110_000_000]
    assert set(expected.earlier_ends) == {before[1]}


def test_a_certificate_of_before_a_longer_term_still_fits_but_not_an_insurers(case):
    guarantee, ends = submitted(case), date(2099, 9, 30)
    changed(case, work_ends_date=ends)
    changed(case, work_ends_date=ends + LATER)

    checked(guarantee, guaranteed_until=ends)
    assert guarantee_state(guarantee) == GuaranteeState.CHECKED_OK
    assert "変更の証書は要りません" in found(guarantee)["guaranteed_until"]

    Institution.unscoped.filter(tenant=case.tenant).update(kind=InstitutionKind.INSURER)
    guarantee.refresh_from_db()
    checked(guarantee, guaranteed_until=ends)
    assert guarantee_state(guarantee) == GuaranteeState.CHECKED_NG
    assert found(guarantee)["guaranteed_until"] == "工期の終わりに 30日 足りません。"


def guarantee_state(guarantee: Guarantee) -> str:
    guarantee.refresh_from_db()
    return guarantee.state


def test_an_electronic_contract_and_its_amendment_tell_their_terms_and_their_clauses(db):
    told = story(amount=100_000_000).concluded()
    case = Case.unscoped.get(pk=told.case.pk)
    first = case.work_ends_date
    carry_through(told, edit(told, amend(told), work_ends_date=first + LATER))

    expected = asked_of(submitted(Case.unscoped.get(pk=case.pk)))

    assert (expected.work_until, expected.earlier_ends) == (first + LATER, (first,))
    assert expected.contracted_date == registering.contracted_date(case)
    assert expected.clauses is not None
    assert (expected.clauses.name, expected.clauses.electronic) == ("工事請負契約約款", True)


def test_the_clauses_that_a_city_asks_for_were_seen_by_the_clerk_who_took_the_papers(db):
    case = contracted("usuki", on=date(2025, 4, 1))
    papers = {"channel": Channel.BRING, "papers": ("notice", "certificate_screen"), "clause_set_used": True}
    guarantee = submitted(case, actor=officer(case.tenant), **papers)

    expected = asked_of(guarantee)

    assert expected.clauses is not None
    assert expected.clauses.seen
    assert expected.clauses.required_name == "臼杵市公共工事請負契約約款(令和7年4月1日改正)"
    checked(guarantee, beneficiary="臼杵市長")
    assert found(guarantee)["clauses"] == "受付のときに、当初契約書の約款を確かめました。"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (GuaranteeState.DEEMED_DEPOSITED, "この番号は、大木川河川改修工事の前払金保証としてすでに登録されています。"),
        (GuaranteeState.CHANGED, "この番号の保証（大木川河川改修工事の前払金保証）は、すでに返還・解除されています。"),
    ],
)
def test_a_number_that_secures_another_work_is_found_at_the_desk_too(case, state, said):
    case_before = contracted(number="鳥工第900号", title="大木川河川改修工事")
    other = checked(submitted(case_before, number="2070009999"), work_title=case_before.title)
    services.accept(other, actor=officer(case.tenant), at=timezone.now())
    guarantee = submitted(case)
    if state == GuaranteeState.CHANGED:
        other.refresh_from_db()
        other.move_to(state)
        other.save()
    Guarantee.unscoped.filter(pk=other.pk).update(number=NUMBER)

    checked(guarantee)

    assert guarantee_state(guarantee) == GuaranteeState.CHECKED_NG
    assert found(guarantee)["number"] == said


def test_a_change_certificate_may_bear_the_number_of_the_one_it_changes(case):
    first = checked(submitted(case, type_="contract"), amount=10_000_000)
    services.accept(first, actor=officer(case.tenant), at=timezone.now())
    changed(case, amount=120_000_000)
    change = submitted(case, type_="contract")

    checked(change, amount=12_000_000)

    assert change.amends_id == first.pk
    assert found(change)["number"] == "提出された番号と一致し、ほかに使われていません。"
    assert guarantee_state(change) == GuaranteeState.CHECKED_OK
