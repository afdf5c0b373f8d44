"""No row refers to another municipality's: every reference that the models know is held by the database itself."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone

from accounts import tenancy
from accounts.models import Delegation, Department, Membership, Organization, Role, User
from accounts.relations import guard_name
from contracts.models import Authority, Basis, Case, Contractor
from guarantees.models import Guarantee
from tests import factories
from tests.architecture.test_isolation import OURS, tenant_tables

pytestmark = pytest.mark.django_db
# 役割そのものが、人を市に結ぶ。
# 立ち入る人は、市に役割を持たないから立ち入る。
TIES = {("accounts_membership", "user_id"), ("accounts_visit", "visitor_id")}


def references() -> list[tuple[str, str, str]]:
    """List each reference from a municipality's row to another such row, or to a person: table, column, target."""
    walled = {*tenant_tables(), User._meta.db_table}
    found = [
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS and model._meta.db_table in walled
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.name != "tenant"
    ]
    return [
        (table, column, target) for table, column, target in found if target in walled and (table, column) not in TIES
    ]


REFERENCES = references()


def triggers(name: str) -> set[tuple[str, str]]:
    """List the enabled triggers that call functions of a name: the table, and the trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " join pg_proc p on p.oid = t.tgfoid where p.proname = %s and t.tgenabled = 'O'",
            [name],
        )
        return set(cursor.fetchall())


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES, ids=[f"{t}.{c}" for t, c, _ in REFERENCES])
def test_every_reference_is_guarded_when_written_and_when_changed(table, column, target):
    assert triggers(guard_name(table, column)) == {(table, f"{column}_inside"), (table, f"{column}_stays_inside")}

    with connection.cursor() as cursor:
        cursor.execute("select prosrc from pg_proc where proname = %s", [guard_name(table, column)])
        (held,) = cursor.fetchone()
    assert f"from {'accounts_membership' if target == 'accounts_user' else target} r where" in held
    assert f"= new.{column} and r.tenant_id = new.tenant_id" in held


def test_no_row_of_any_table_moves_to_another_municipality():
    assert triggers("accounts_tenant_stays") == {(table, "tenant_stays") for table in tenant_tables()}


def test_the_guards_are_as_many_as_the_references():
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct tgfoid) from pg_trigger where tgname like '%%\\_stays\\_inside'")
        assert cursor.fetchone() == (len(REFERENCES),)
    assert len(REFERENCES) >= 120


@pytest.fixture
def usuki() -> Organization:
    return factories.city("usuki")


@pytest.fixture
def theirs(usuki: Organization) -> Case:
    return factories.case(usuki)


@pytest.fixture
def ours(theirs: Case) -> Case:
    return factories.case(factories.city("tosu"))


def refuse(write: object, *, match: str = "leads out of the municipality") -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        write()  # type: ignore[operator]


@pytest.mark.parametrize("name", ["contractor_id", "department_id", "rule_set_id", "registered_by_id"])
def test_a_case_refers_to_nothing_of_the_next_city(name, ours, theirs):
    refuse(lambda: Case.unscoped.filter(pk=ours.pk).update(**{name: getattr(theirs, name)}))

    setattr(ours, name, getattr(theirs, name))
    refuse(ours.save)

    ours.pk, ours.number = None, "2026-9999"
    refuse(ours.save)


def test_a_guarantee_secures_no_case_of_the_next_city(ours, theirs):
    refuse(lambda: Guarantee.unscoped.create(tenant=ours.tenant, case=theirs, type="advance"))


def test_nobody_joins_a_department_of_the_next_city_nor_stands_in_for_its_people(ours, usuki):
    tenancy.set_tenant(usuki.pk)
    theirs, stranger = Department.unscoped.filter(tenant=usuki).first(), factories.member(usuki, Role.APPROVER)
    tenancy.set_tenant(ours.tenant_id)
    colleague = factories.member(ours.tenant, Role.APPROVER)

    refuse(lambda: Membership.unscoped.filter(user=colleague).update(department=theirs))
    day = timezone.localdate() + timedelta(days=1)
    days = {"first_date": day, "last_date": day, "reason": "出張"}
    refuse(lambda: Delegation.unscoped.create(tenant=ours.tenant, principal=colleague, delegate=stranger, **days))
    refuse(lambda: Delegation.unscoped.create(tenant=ours.tenant, principal=stranger, delegate=colleague, **days))
    Delegation.unscoped.create(
        tenant=ours.tenant, principal=colleague, delegate=factories.member(ours.tenant, Role.APPROVER), **days
    )


def test_a_leaver_stays_on_what_they_did(ours):
    person = ours.registered_by
    Membership.unscoped.filter(user=person).update(ends_date=timezone.localdate() - timedelta(days=1))

    ours.title = "道路改良工事（その2）"
    ours.save()

    assert Case.unscoped.get(pk=ours.pk).registered_by == person


def test_no_row_moves_to_another_municipality(ours, usuki):
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.unscoped.filter(pk=ours.pk).update(tenant=usuki)


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_owner_who_sees_through_the_walls_is_held_by_the_guards_as_well():
    ours, theirs = (
        Organization.objects.using("owner").create(slug=slug, name=slug, kind="municipality")
        for slug in ("aki", "muroto")
    )
    firm = Contractor.unscoped.using("owner").create(tenant=theirs, name="室戸建設")
    person = Authority(tenant=ours, contractor=firm, basis=Basis.AGENT, title="支店長", name="濵田")

    with pytest.raises(IntegrityError, match="leads out of the municipality"), transaction.atomic(using="owner"):
        person.save(using="owner")
    with pytest.raises(IntegrityError, match="stays in its municipality"), transaction.atomic(using="owner"):
        Contractor.unscoped.using("owner").filter(pk=firm.pk).update(tenant=ours)
