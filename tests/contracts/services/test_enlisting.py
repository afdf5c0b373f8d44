"""The register of qualified bidders: entries kept as typed, joint ventures, terms of office, two editors at once."""

import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Basis, Contractor, JvMember
from contracts.services.cases.registering import CaseRefused
from contracts.services.consents import consenting
from contracts.services.editing import Overtaken
from contracts.services.register import authorities, enlisting
from contracts.services.register.enlisting import RegisterRefused
from tests import factories

pytestmark = pytest.mark.django_db
FIRM = {
    "registration_number": "第12号",
    "name": "㈱髙﨑𠮷・葛󠄀城組",
    "branch": "佐賀支店",
    "address": "佐賀市城内1-1-59",
    "representative_title": "代表取締役",
    "representative_name": "髙﨑　𠮷男",
    "agent_title": "佐賀支店長",
    "agent_name": "濵田　次郎",
    "email": "saga@takasaki.example.jp",
    "phone": "0952-00-0000",
}


@pytest.fixture
def tosu(db):
    return factories.city("tosu")


@pytest.fixture
def clerk(tosu):
    return factories.staff(tosu, Role.DRAFTER)


def enlist(clerk, **values) -> Contractor:
    return enlisting.enlist(actor=clerk, at=timezone.now(), **FIRM | values)


def correct(firm, clerk, *, edit_number=0, **values) -> Contractor:
    return enlisting.correct(firm, actor=clerk, at=timezone.now(), edit_number=edit_number, **values)


def last_event(tenant) -> tuple[str, dict]:
    event = Event.objects.filter(tenant_id=tenant.pk).latest("seq")
    return event.action, json.loads(event.data)


def test_an_entry_stands_exactly_as_typed_and_is_found_by_any_spelling(tosu, clerk):
    firm = enlist(clerk)

    firm.refresh_from_db()
    assert {name: getattr(firm, name) for name in FIRM} == FIRM
    assert (firm.signer_title, firm.signer_name) == ("佐賀支店長", "濵田　次郎")
    for words in ("高崎吉", "佐賀支店", "第１２号"):
        assert enlisting.search_keys(words, longest=99) in firm.name_key
    assert last_event(tosu)[0] == "contractor.enlisted"


def test_administrators_keep_the_register_too_and_others_do_not(tosu):
    enlist(factories.staff(tosu, Role.ADMINISTRATOR))

    with pytest.raises(PermissionDenied):
        enlist(factories.staff(tosu, Role.APPROVER), registration_number="", name="別の会社")


@pytest.mark.parametrize(
    ("twin", "said"),
    [({"name": "別の会社"}, "この登録番号は"), ({"registration_number": "第13号"}, "同じ名称・支店・住所")],
)
def test_a_twin_is_refused(clerk, twin, said):
    enlist(clerk)

    with pytest.raises(RegisterRefused, match=said):
        enlist(clerk, **twin)


def test_half_an_agent_is_refused(clerk):
    with pytest.raises(RegisterRefused, match="受任者は"):
        enlist(clerk, agent_name="")


def test_a_correction_keeps_before_and_after_in_the_log_and_the_cases_are_found_by_the_new_name(tosu, clerk):
    firm = enlist(clerk)
    case = factories.case(tosu, contractor=firm)

    correct(firm, clerk, name="新星建設㈱")

    case.refresh_from_db()
    action, data = last_event(tosu)
    assert action == "contractor.corrected"
    assert data["changes"] == {"name": {"before": FIRM["name"], "after": "新星建設㈱"}}
    assert "新星建設" in case.search_key


def test_saving_without_a_change_writes_nothing(tosu, clerk):
    firm = enlist(clerk)
    before = Event.objects.count()

    assert correct(firm, clerk, **FIRM).edit_number == 0
    assert Event.objects.count() == before


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(clerk):
    firm = enlist(clerk)
    correct(firm, clerk, phone="0952-11-1111")

    with pytest.raises(Overtaken, match="他の職員が先に保存しました"):
        correct(firm, clerk, phone="0952-22-2222")

    firm.refresh_from_db()
    assert firm.phone == "0952-11-1111"
    assert correct(firm, clerk, edit_number=1, phone="0952-22-2222").phone == "0952-22-2222"


def test_an_entry_is_suspended_and_taken_up_again_but_never_deleted(tosu, clerk):
    firm = enlist(clerk)

    enlisting.set_active(firm, actor=clerk, at=timezone.now(), active=False)
    with pytest.raises(CaseRefused, match="登録が停止されています"):
        factories.case(tosu, contractor=Contractor.unscoped.get(pk=firm.pk))
    enlisting.set_active(firm, actor=clerk, at=timezone.now(), active=True)

    assert factories.case(tosu, contractor=Contractor.unscoped.get(pk=firm.pk)).pk


@pytest.fixture
def venture(tosu, clerk):
    return enlist(clerk, name="髙﨑・新星特定建設工事共同企業体", registration_number="", is_joint_venture=True)


def arrange(venture, clerk, members, representative=None, *, edit_number=0):
    return enlisting.arrange(
        venture,
        actor=clerk,
        at=timezone.now(),
        edit_number=edit_number,
        members=members,
        representative=representative,
    )


def test_a_joint_venture_has_members_in_order_and_one_representative(tosu, clerk, venture):
    first, second = factories.contractor(tosu), factories.contractor(tosu)

    arrange(venture, clerk, [first, second], first)
    arrange(venture, clerk, [second, first], second, edit_number=1)

    places = JvMember.unscoped.filter(joint_venture=venture).order_by("order")
    assert [(p.order, p.member, p.is_representative) for p in places] == [(1, second, True), (2, first, False)]
    assert last_event(tosu)[1]["representative"] == second.name


def test_members_that_make_no_joint_venture_are_refused(tosu, clerk, venture):
    firm = factories.contractor(tosu)

    for wrong, said in (
        (([firm], None), "代表構成員を"),
        (([firm, firm], firm), "二度"),
        (([venture], venture), "別の共同企業体"),
    ):
        with pytest.raises(RegisterRefused, match=said):
            arrange(venture, clerk, *wrong)
    with pytest.raises(RegisterRefused, match="共同企業体として登録した"):
        arrange(firm, clerk, [])
    with pytest.raises(Overtaken):
        arrange(venture, clerk, [firm], firm, edit_number=3)


def test_a_joint_venture_without_members_wins_no_case(tosu, venture):
    with pytest.raises(CaseRefused, match="構成員が登録されていません"):
        factories.case(tosu, contractor=venture)


def test_members_stay_once_their_consent_was_asked_for(tosu, clerk, venture):
    first, second = factories.contractor(tosu), factories.contractor(tosu)
    venture = arrange(venture, clerk, [first, second], first)
    consenting.invite(factories.case(tosu, by=clerk, contractor=venture), actor=clerk, at=timezone.now())

    with pytest.raises(RegisterRefused, match="承諾書を依頼した案件"):
        arrange(venture, clerk, [first], first, edit_number=1)


def authorize(firm, clerk, starts, ends):
    return authorities.authorize(
        firm,
        actor=clerk,
        at=timezone.now(),
        basis=Basis.AGENT,
        title="佐賀支店長",
        name="濵田　次郎",
        email="hamada@takasaki.example.jp",
        starts_date=starts,
        ends_date=ends,
    )


def test_a_term_of_office_counts_both_its_ends_and_can_be_ended(tosu, clerk):
    person = authorize(enlist(clerk), clerk, date(2026, 4, 1), None)

    person = authorities.end(person, actor=clerk, at=timezone.now(), ends_date=date(2027, 3, 31))

    assert [person.holds_on(day) for day in (date(2026, 3, 31), date(2027, 3, 31), date(2027, 4, 1))] == [
        False,
        True,
        False,
    ]
    assert last_event(tosu)[0] == "authority.ended"


def test_a_term_that_ends_before_it_starts_is_refused(clerk):
    firm = enlist(clerk)

    with pytest.raises(RegisterRefused, match="末日が就任日より前"):
        authorize(firm, clerk, date(2026, 4, 1), date(2026, 3, 31))
