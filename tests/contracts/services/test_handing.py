"""April: everything that waits for one signature goes to the successor at once; what is signed stays signed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Role
from audit.models import Event
from contracts import permissions
from contracts.models import ContractVersion, SigningStep
from contracts.services.cases import handing
from contracts.services.cases.handing import HandoverRefused
from contracts.services.signatures import signing
from contracts.services.signatures.people import TermRefused
from contracts.services.versions import drafting
from contracts.states import StepState
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import days, set_term, today, user_of
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(tosu):
    return factories.staff(tosu.tenant, Role.ADMINISTRATOR)


@pytest.fixture
def successor(tosu):
    return factories.member(tosu.tenant, Role.SIGNATORY, name="後任　新太郎")


def second(tosu: Story) -> Story:
    """Make another case of the same city that the same person will sign."""
    other = story(tosu.tenant.slug)
    other.signatory = tosu.signatory
    return other


def hand_over(tosu: Story, administrator, successor) -> list[ContractVersion]:
    return handing.hand_over(tosu.signatory, actor=administrator, at=timezone.now(), to=successor)


def asked(tosu: Story) -> Story:
    """Let the contractor sign, so that it is the city's turn."""
    tosu.signed()
    tosu.seal()
    return tosu


def test_every_waiting_signature_goes_to_the_successor_in_one_go(tosu, administrator, successor):
    asked(tosu)
    waiting, drafted = second(tosu).sent(), second(tosu).accepted()
    drafting.draft(drafted.case, actor=drafted.drafter, at=timezone.now(), signatory=tosu.signatory)

    moved = hand_over(tosu, administrator, successor)

    assert {version.case.pk for version in moved} == {tosu.case.pk, waiting.case.pk, drafted.case.pk}
    for case in (tosu, waiting):
        step = case.step(2)
        assert (step.user, step.name, step.email, step.title) == (successor, successor.name, successor.email, "課長")
        assert case.version.signatory == successor
    assert drafted.version.signatory == successor


def test_the_successor_is_told_where_it_is_their_turn_and_only_there(tosu, administrator, successor):
    asked(tosu)
    second(tosu).sent()

    hand_over(tosu, administrator, successor)

    mails = Delivery.unscoped.filter(to=successor.email)
    assert [(mail.template, mail.thread) for mail in mails] == [
        ("contracts/city_signature_requested", tosu.case.thread)
    ]


def test_the_successor_signs_and_the_predecessor_no_longer_can(tosu, administrator, successor):
    asked(tosu)
    former = factories.actor(tosu.signatory, tosu.tenant)

    hand_over(tosu, administrator, successor)

    step = tosu.step(2)
    assert not permissions.can_sign(former, step)
    signed = signing.instruct(
        step, actor=factories.actor(successor, tosu.tenant), at=timezone.now(), authentication="パスワードとTOTP"
    )
    assert signed.state == StepState.INSTRUCTED


def test_a_signature_given_is_not_moved(tosu, administrator, successor):
    asked(tosu)
    actor = factories.actor(tosu.signatory, tosu.tenant)
    signing.instruct(tosu.step(2), actor=actor, at=timezone.now(), authentication="パスワードとTOTP")

    with pytest.raises(HandoverRefused, match="待つ契約はありません"):
        hand_over(tosu, administrator, successor)
    assert tosu.step(2).user == tosu.signatory
    assert tosu.version.signatory == tosu.signatory


def test_each_case_and_the_person_tell_of_the_handover(tosu, administrator, successor):
    asked(tosu)

    hand_over(tosu, administrator, successor)

    events = Event.objects.of_tenant(tosu.tenant.pk)
    told = events.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="step.reassigned").get()
    assert f"{tosu.signatory.name} <{tosu.signatory.email}>" in told.data
    assert f"{successor.name} <{successor.email}>" in told.data
    person = events.of_thread(tosu.tenant.pk, f"person:{tosu.signatory.pk}").get(action="people.handed_over")
    assert tosu.case.number in person.data
    assert told.label == "署名者を変更"


def test_an_open_edit_of_the_draft_is_told_that_it_is_overtaken(tosu, administrator, successor):
    tosu.accepted()
    drafted = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)

    hand_over(tosu, administrator, successor)

    assert tosu.version.edit_number == drafted.edit_number + 1


@pytest.mark.parametrize(("starts", "ends", "may"), [(0, None, True), (None, 0, True), (1, None, False), (0, 0, True)])
def test_the_successors_term_covers_today(tosu, administrator, successor, starts, ends, may):
    asked(tosu)
    set_term(successor, starts=None if starts is None else days(starts), ends=None if ends is None else days(ends))

    if may:
        assert hand_over(tosu, administrator, successor)
    else:
        with pytest.raises(HandoverRefused, match="今日を含みません"):
            hand_over(tosu, administrator, successor)


def test_someone_without_the_role_or_from_the_next_city_does_not_take_over(tosu, administrator):
    asked(tosu)
    drafter = factories.member(tosu.tenant, Role.DRAFTER)
    usuki = factories.city("usuki")
    stranger = factories.member(usuki, Role.SIGNATORY)
    tenancy.set_tenant(tosu.tenant.pk)

    for person in (drafter, stranger, tosu.signatory):
        with pytest.raises(HandoverRefused):
            hand_over(tosu, administrator, person)
    assert tosu.step(2).user == tosu.signatory


def test_only_the_administrator_hands_over(tosu, successor):
    asked(tosu)

    with pytest.raises(PermissionDenied):
        hand_over(tosu, tosu.drafter, successor)


def test_the_administrator_of_the_next_city_moves_nothing_here(tosu, successor):
    asked(tosu)
    usuki = factories.city("usuki")
    stranger = factories.staff(usuki, Role.ADMINISTRATOR, Role.SIGNATORY)
    other = factories.member(usuki, Role.SIGNATORY)

    with pytest.raises(HandoverRefused):
        handing.hand_over(tosu.signatory, actor=stranger, at=timezone.now(), to=other)
    tenancy.set_tenant(tosu.tenant.pk)
    assert SigningStep.unscoped.filter(user=tosu.signatory).exists()


def test_a_signature_after_the_term_is_refused_before_it_happens_and_passes_after_the_handover(
    tosu, administrator, successor
):
    asked(tosu)
    former = factories.actor(tosu.signatory, tosu.tenant)
    set_term(tosu.signatory, ends=days(-1))

    with pytest.raises(TermRefused):
        signing.instruct(tosu.step(2), actor=former, at=timezone.now(), authentication="パスワードとTOTP")
    hand_over(tosu, administrator, successor)
    actor = factories.actor(successor, tosu.tenant)
    signing.instruct(tosu.step(2), actor=actor, at=timezone.now(), authentication="パスワードとTOTP")

    assert tosu.step(2).state == StepState.INSTRUCTED


def test_the_page_shows_what_moves_before_it_moves_it(tosu, client, administrator, successor):
    asked(tosu)
    client.force_login(user_of(administrator))
    chosen = {"giver": tosu.signatory.pk, "to": successor.pk}

    page = client.get(reverse("handover"), chosen).content.decode()
    assert tosu.case.number in page
    assert tosu.step(2).user == tosu.signatory
    answer = client.post(reverse("handover"), chosen)

    assert answer["Location"] == reverse("authority_list")
    assert tosu.step(2).user == successor


def test_the_page_offers_as_successor_only_who_may_sign_today(tosu, client, administrator, successor):
    late = factories.member(tosu.tenant, Role.SIGNATORY, name="来月　就任")
    set_term(late, starts=days(1))
    client.force_login(user_of(administrator))

    form = client.get(reverse("handover")).context["form"]

    assert set(form.fields["to"].queryset) == {tosu.signatory, successor}
    assert late in form.fields["giver"].queryset
    refused = client.post(reverse("handover"), {"giver": tosu.signatory.pk, "to": late.pk})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("ends", "warned", "words"),
    [(31, False, ""), (30, True, "までです"), (0, True, "までです"), (-1, True, "に終わりました")],
)
def test_the_register_warns_of_terms_that_end_within_thirty_days(tosu, client, ends, warned, words):
    asked(tosu)
    set_term(tosu.signatory, ends=days(ends))
    client.force_login(factories.member(tosu.tenant, Role.AUDITOR))

    answer = client.get(reverse("authority_list"))

    assert bool(answer.context["warnings"]) == warned
    if warned:
        page = answer.content.decode()
        assert words in page
        assert tosu.case.number in page


def test_a_term_that_ended_with_nothing_waiting_is_no_warning(tosu, client):
    set_term(tosu.signatory, starts=today(), ends=today())
    set_term(factories.member(tosu.tenant, Role.SIGNATORY), ends=days(-1))
    client.force_login(factories.member(tosu.tenant, Role.AUDITOR))

    warnings = client.get(reverse("authority_list")).context["warnings"]

    assert [each["term"].user for each in warnings] == [tosu.signatory]
