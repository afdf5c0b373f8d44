"""Statements written once: the same as the ORM writes for each person, and refused where they could not be."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.utils import timezone

from accounts import written
from accounts.actors import Actor, ActorKind
from accounts.models import Role
from accounts.permissions import OUTSIDE
from contracts.coming import days
from contracts.coming.sources import DEPARTMENT, EVERYTHING, MINE
from contracts.hooks import waiting_work
from contracts.listing import lanes
from contracts.models import Case
from contracts.services.batches import decisions
from contracts.work import nearness, queue, sources

AT = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


def someone(*roles: str, **told: object) -> Actor:
    return Actor(ActorKind.STAFF, **{"tenant_id": 3, "name": "鈴木", "user_id": 7, "roles": frozenset(roles), **told})


PEOPLE = [
    someone(*roles, department_id=department)
    for roles in (*([role] for role in Role if role not in OUTSIDE), set(Role) - OUTSIDE)
    for department in (None, 11)
]
NEAR = (None, *nearness.Nearness)


@pytest.mark.parametrize("actor", PEOPLE, ids=lambda actor: "-".join(sorted(actor.roles))[:40])
def test_what_was_written_for_others_is_what_would_be_written_for_this_person(actor):
    kinds = tuple(kind for kind in (*sources.KINDS, *waiting_work) if kind.may(actor))
    asked = chain(
        ((queue._keys, kinds, near) for near in NEAR if kinds),
        ((days._counted, timedelta(days=30), whose) for whose in (MINE, DEPARTMENT, EVERYTHING)),
        [(lanes._under_way,), (decisions._waiting,)],
    )

    for build, *args in asked:
        text, values = build(actor, AT, *args).query.sql_with_params()
        again, known = written.statement(build, actor, AT, *args)
        assert (again, [written._bare(value) for value in known]) == (text, [written._bare(value) for value in values])


def test_it_is_written_once_for_all_of_the_same_roles():
    calls = []

    def build(actor, at):
        calls.append(actor)
        return Case.objects.visible_to(actor).filter(conclusion_deadline_date__lt=timezone.localdate(at)).values("pk")

    first = written.statement(build, someone(Role.DRAFTER), AT)
    second = written.statement(build, someone(Role.DRAFTER, tenant_id=4, name="田中"), AT + timedelta(days=1))

    assert len(calls) == 2, "for the two examples, and never again"
    assert first[0] == second[0]
    assert [4 in second[1], 3 in second[1], timezone.localdate(AT) in second[1]] == [True, False, False]
    written.statement(build, someone(Role.APPROVER), AT)
    assert len(calls) == 4


def by_month(actor, at):
    return Case.objects.visible_to(actor).filter(conclusion_deadline_date__gte=at.date().replace(day=1)).values("pk")


def by_hour(actor, at):
    return Case.objects.visible_to(actor).filter(registered_at__gte=at.replace(minute=0, second=0)).values("pk")


def by_moment_alone(actor, at):
    rows = Case.objects.visible_to(actor)
    return (rows.filter(pk=1) if at.month == 11 else rows).values("pk")


def by_sum(actor, _at):
    return Case.objects.visible_to(actor).filter(pk=actor.user_id + actor.tenant_id).values("pk")


@pytest.mark.parametrize("build", [by_month, by_hour, by_moment_alone, by_sum])
def test_what_depends_on_more_than_the_person_and_a_span_from_the_moment_is_refused(build):
    with pytest.raises(written.Unwritable):
        written.statement(build, someone(Role.DRAFTER), AT)
