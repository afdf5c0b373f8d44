"""The board of cases: a column for each standing with its count and sum, a few cards, and the way to the rest."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from contracts.listing import Standing, board
from contracts.listing.lanes import CARDS
from contracts.models import Case, ContractVersion
from contracts.services.consents import consenting
from contracts.services.versions import drafting
from contracts.states import CaseState, VersionState
from tests import factories
from tests.contracts.pages.conftest import user_of
from tests.stories import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def columns(client, **asked) -> dict[str, dict]:
    """Ask for the board, and give its columns by what they are about."""
    answer = client.get(reverse("case_list"), {"view": "board"} | asked)
    assert answer.status_code == 200
    return {column["lane"].standing: column for column in answer.context["lanes"]}


def place(client, case) -> str:
    """Name the column in which a case stands."""
    (column,) = (
        name for name, column in columns(client).items() if case.pk in {card.pk for card, _, _ in column["cards"]}
    )
    return column


def test_a_case_moves_from_column_to_column_as_it_goes_on(tosu, clerk):
    assert place(clerk, tosu.case) == Standing.ASKING
    tosu.accepted()
    assert place(clerk, tosu.case) == Standing.DRAFTING
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    assert place(clerk, tosu.case) == Standing.DRAFTING
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())
    assert place(clerk, tosu.case) == Standing.APPROVING


def test_what_was_sent_stands_under_signatures_and_what_came_back_under_drafts(tosu, clerk):
    tosu.sent()
    assert place(clerk, tosu.case) == Standing.SIGNING
    ContractVersion.unscoped.filter(contract__case=tosu.case).update(state=VersionState.RECALLED)
    assert place(clerk, tosu.case) == Standing.DRAFTING


def test_what_the_rules_exclude_has_a_column_only_while_there_is_any(tosu, clerk):
    assert Standing.EXCLUDED not in columns(clerk)
    verdict = tosu.case.econtract_verdict | {"eligible": False}
    Case.unscoped.filter(pk=tosu.case.pk).update(econtract_verdict=verdict)

    assert place(clerk, tosu.case) == Standing.EXCLUDED


def test_a_concluded_case_stays_for_thirty_days(tosu, clerk):
    tosu.concluded()
    rows, today = Case.objects.visible_to(tosu.drafter), timezone.localdate()

    def lately(days: int) -> int:
        found = board(rows, actor=tosu.drafter, today=today + timedelta(days=days), is_narrowed=False)
        return found[-1].count

    assert place(clerk, tosu.case) == Standing.CONCLUDED
    assert (lately(30), lately(31)) == (1, 0)
    assert len(columns(clerk, state="concluded")[Standing.CONCLUDED]["cards"]) == 1


def test_a_column_counts_and_adds_up_all_and_shows_twenty_the_nearest_deadline_first(tosu, clerk):
    made = [factories.case(tosu.tenant, by=tosu.drafter, amount=1_000_000 + n) for n in range(CARDS + 3)]
    for days, case in enumerate(reversed(made)):
        by = timezone.localdate() + timedelta(days=days)
        Case.unscoped.filter(pk=case.pk).update(conclusion_deadline_date=by)
    Case.unscoped.filter(pk=tosu.case.pk).update(conclusion_deadline_date=None)

    column = columns(clerk)[Standing.ASKING]

    assert column["lane"].count == CARDS + 4
    assert column["lane"].amount == sum(case.amount for case in made) + tosu.case.amount
    assert [case.pk for case, _, _ in column["cards"]] == [case.pk for case in reversed(made)][:CARDS]
    assert column["lane"].more == 4


def test_the_way_to_the_rest_is_the_list_with_the_same_conditions(tosu, clerk):
    other = Department.unscoped.get(tenant=tosu.tenant, name="契約検査課")
    factories.case(tosu.tenant, by=tosu.drafter, department=other, title="橋の工事")
    factories.case(tosu.tenant, by=tosu.drafter, department=other, title="道の工事")

    column = columns(clerk, department=other.pk, words="橋")[Standing.ASKING]

    assert column["url"] == f"{reverse('case_list')}?words=%E6%A9%8B&state=asking&department={other.pk}"
    assert [case.title for case, _, _ in clerk.get(column["url"]).context["rows"]] == ["橋の工事"]


def test_the_board_of_what_ended_on_paper_is_one_column(tosu, clerk):
    Case.unscoped.filter(pk=tosu.case.pk).update(state=CaseState.PAPER)

    assert columns(clerk) != {}
    assert list(columns(clerk, state="paper")) == [Standing.PAPER]


def test_a_joint_venture_stands_where_its_slowest_firm_does(tosu, clerk):
    tosu.accepted()
    late = tosu.consent
    late.pk, late.state, late.contractor = None, "submitted", factories.contractor(tosu.tenant, name="共同")
    late.accepted_at = late.accepted_by = None
    late.save()

    assert place(clerk, tosu.case) == Standing.ASKING


def test_another_city_s_cases_are_on_no_board(tosu, stranger):
    assert all(not column["cards"] for column in columns(stranger).values())


def test_the_board_asks_as_much_of_the_database_for_many_cases_as_for_few_and_writes_nothing(tosu, desk):
    client = desk(tosu.tenant, Role.DRAFTER)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            columns(client)
        return len(queries)

    asked()
    few, before = asked(), written()
    assert written() == before
    for number in range(CARDS + 5):
        made = factories.case(tosu.tenant, by=tosu.drafter)
        if number % 2:
            consenting.invite(made, actor=tosu.drafter, at=timezone.now())

    assert asked() == few <= 14
