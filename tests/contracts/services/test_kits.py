"""緊急時の紙の一式: what is in it, that taking it changes nothing, and that using it ends what was electronic."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import MovedOn
from audit.models import Event
from contracts.models import Consent
from contracts.services.cases import kits, registering
from contracts.services.signatures import ending
from contracts.states import CaseState, ConsentState, VersionState
from tests import factories
from tests.contracts.links.conftest import joint_venture
from tests.contracts.paperwork import pages_of

pytestmark = pytest.mark.django_db


def taken(story) -> list[str]:
    """Read the pages of a kit, without the blanks of their setting."""
    printed = kits.take(story.case, actor=story.drafter, at=timezone.now())
    return ["".join(page.split()) for page in pages_of(printed)]


def test_the_kit_of_a_new_case_is_what_to_do_the_contract_for_seals_and_the_form_that_is_owed(tosu):
    first, *others = taken(tosu)

    assert "緊急時の紙の一式" in first
    assert "".join(tosu.case.deadline_working.split()) in first
    assert "0942-00-0000" in first
    assert "5,000円の収入印紙" in first
    assert "契約書を2通印刷する" in first
    contract = "".join(others)
    assert "この契約書を2通作成し、発注者及び受注者が記名押印の上" in contract
    assert "これに電子署名を施し、各自その電磁的記録を保管する" not in contract
    assert "電子契約利用承諾書" in others[-1]
    assert tosu.case.title in others[-1]


def test_what_was_drafted_and_consented_stands_in_the_paper_contract(tosu):
    tosu.sent()
    Consent.unscoped.filter(case=tosu.case).update(authority_title="専務取締役", authority_name="川﨑　次郎")

    sheet, *others = taken(tosu)

    contract = "".join(others)
    assert "専務取締役川﨑次郎" in contract
    assert "添付する文書を同じ数だけ印刷する：特記仕様書" in sheet
    assert "電子契約を続けるとき" not in sheet
    assert "様式第1号" not in contract


def test_each_member_of_a_joint_venture_has_a_copy_a_seal_and_a_form():
    venture = joint_venture()

    pages = taken(venture)

    firms = kits.owing(venture.case)
    assert f"契約書を{1 + len(firms)}通印刷する" in pages[0]
    assert len([page for page in pages if "電子契約利用承諾書" in page and "備考" in page]) == len(firms)


def test_a_case_outside_the_rules_for_e_contracts_has_no_kit():
    city = factories.city("usuki")
    drafter = factories.staff(city, Role.DRAFTER)
    case = factories.case(city, by=drafter)

    with pytest.raises(kits.KitRefused, match="電子契約の対象外の案件です"):
        kits.take(case, actor=drafter, at=timezone.now())


def test_taking_the_kit_changes_nothing_and_the_log_tells_who_took_it(tosu):
    tosu.sent()

    taken(tosu)

    tosu.case.refresh_from_db()
    assert tosu.case.state == CaseState.CONTRACTING
    assert (tosu.consent.state, tosu.version.state) == (ConsentState.ACCEPTED, VersionState.SENT)
    event = Event.objects.get(action="case.kit_taken")
    assert tosu.drafter.email in event.actor_name


def test_once_the_papers_are_used_what_was_electronic_is_void_and_no_kit_is_handed_out(tosu):
    tosu.sent()
    taken(tosu)

    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())

    assert (tosu.consent.state, tosu.version.state) == (ConsentState.VOID_BY_PAPER, VersionState.SWITCHED_TO_PAPER)
    tosu.case.refresh_from_db()
    with pytest.raises(MovedOn):
        taken(tosu)


def test_nobody_takes_a_kit_while_a_signature_is_being_made(tosu):
    tosu.signed()

    with pytest.raises(ending.EndingRefused, match="署名の処理中です"):
        taken(tosu)


def test_only_drafters_take_a_kit(tosu):
    auditor = factories.staff(tosu.tenant, Role.AUDITOR)

    with pytest.raises(PermissionDenied):
        kits.take(tosu.case, actor=auditor, at=timezone.now())
