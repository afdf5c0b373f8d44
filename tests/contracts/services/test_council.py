"""仮契約 → 議決 → 本契約: the vote forms the contract, and nobody signs again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.refusals import MovedOn
from contracts.models import Archived, ArchiveEntry, Contract, Revision
from contracts.services.cases import council, registering
from contracts.services.cases.council import CouncilRefused
from contracts.services.cases.registering import CaseRefused
from contracts.states import CaseState, ContractState, VersionState
from notifications.models import Delivery
from tests import factories
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def provisional() -> Story:
    """Conclude a 仮契約 in a city that makes them electronically."""
    tenant = factories.city("tosu")
    factories.rule_set(tenant, econtract={"council": "provisional"})
    return story("tosu", needs_council=True).concluded()


def contract_of(told: Story) -> Contract:
    return Contract.unscoped.get(case=told.case)


def vote(told: Story, **values):
    options = {"actor": told.drafter, "at": timezone.now(), "day": timezone.localdate(), "passed": True} | values
    return council.record_vote(contract_of(told), **options)


def test_a_concluded_provisional_contract_waits_for_the_vote(provisional):
    provisional.case.refresh_from_db()

    assert contract_of(provisional).state == ContractState.COUNCIL_PENDING
    assert provisional.version.state == VersionState.CONCLUDED
    assert provisional.case.state == CaseState.CONTRACTING
    assert not ArchiveEntry.unscoped.filter(what=Archived.CONTRACT).exists()
    assert provisional.version.documents.get(order=1).title == "工事請負仮契約書"


def test_the_vote_forms_the_contract_on_its_day_and_tells_both_parties(provisional):
    revisions = Revision.unscoped.count()

    vote(provisional)

    provisional.case.refresh_from_db()
    contract = contract_of(provisional)
    assert (contract.state, contract.in_force_date) == (ContractState.IN_FORCE, timezone.localdate())
    assert provisional.case.state == CaseState.CONCLUDED
    assert ArchiveEntry.unscoped.get(what=Archived.CONTRACT).concluded_date == timezone.localdate()
    assert Delivery.unscoped.filter(template="contracts/council_passed").count() == 2
    assert Revision.unscoped.count() == revisions


def test_a_rejected_contract_never_comes_about(provisional):
    vote(provisional, passed=False, reason="賛成少数")

    provisional.case.refresh_from_db()
    assert contract_of(provisional).state == ContractState.LAPSED
    assert provisional.case.state == CaseState.LAPSED
    assert Delivery.unscoped.filter(template="contracts/council_rejected").count() == 2


def test_a_rejection_needs_its_story(provisional):
    with pytest.raises(CouncilRefused, match="経緯"):
        vote(provisional, passed=False)


@pytest.mark.parametrize(("days", "words"), [(-1, "以後にしてください"), (1, "先の日付")])
def test_a_vote_lies_between_the_provisional_contract_and_today(provisional, days, words):
    with pytest.raises(CouncilRefused, match=words):
        vote(provisional, day=timezone.localdate() + timedelta(days=days))


def test_a_vote_is_recorded_once(provisional):
    vote(provisional)

    with pytest.raises(MovedOn):
        vote(provisional)


def test_a_signed_provisional_contract_waits_for_its_vote_and_does_not_go_to_paper(provisional):
    with pytest.raises(CaseRefused, match="議決を登録"):
        registering.switch_to_paper(
            provisional.case, actor=provisional.drafter, at=timezone.now(), contract_date=timezone.localdate()
        )

    assert contract_of(provisional).state == ContractState.COUNCIL_PENDING
