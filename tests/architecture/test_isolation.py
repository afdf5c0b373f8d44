"""The walls between municipalities, seen from the database: no table without one, no way round for the application."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from accounts import tenancy
from accounts.models import Role
from accounts.querysets import AskerMissing
from contracts.models import Case, Contractor
from tests import factories

pytestmark = pytest.mark.django_db
OURS = {"accounts", "audit", "contracts", "guarantees", "notifications", "vault"}


def tenant_tables() -> list[str]:
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    has_tenant = [m for m in models if any(f.name in {"tenant", "tenant_id"} for f in m._meta.get_fields())]
    return sorted(model._meta.db_table for model in has_tenant)


def test_every_table_with_a_municipality_has_forced_row_security_and_a_policy():
    tables = tenant_tables()

    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class c where relrowsecurity and relforcerowsecurity"
            " and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant')"
        )
        walled = {name for (name,) in cursor.fetchall()}

    assert len(tables) >= 19
    assert set(tables) <= walled


def test_the_application_role_owns_nothing_and_cannot_bypass_row_security():
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, (select count(*) from pg_class where relowner = r.oid)"
            " from pg_roles r where rolname = current_user"
        )
        (superuser, bypass, owned) = cursor.fetchone()

    assert (superuser, bypass, owned) == (False, False, 0)


def test_without_a_municipality_every_walled_table_looks_empty():
    factories.case(factories.city("tosu"))
    tenancy.forget()

    with connection.cursor() as cursor:
        for table in tenant_tables():
            cursor.execute(f'select count(*) from "{table}"')
            assert cursor.fetchone() == (0,), table


def test_a_row_of_another_municipality_can_be_neither_seen_nor_written():
    tosu = factories.city("tosu")
    case = factories.case(tosu)
    usuki = factories.city("usuki")

    assert not Case.unscoped.filter(pk=case.pk).exists()
    assert Case.unscoped.filter(pk=case.pk).update(title="書き換え") == 0
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        factories.contractor(tosu)
    assert Contractor.unscoped.filter(tenant=usuki).count() == 0


def test_asking_on_nobodys_behalf_is_refused():
    with pytest.raises(AskerMissing):
        Case.objects.get(pk=1)
    with pytest.raises(AskerMissing):
        Case.objects.all()


def test_rows_visible_to_staff_are_those_of_their_municipality():
    tosu = factories.city("tosu")
    ours = factories.case(tosu)
    stranger = factories.staff(factories.city("usuki"), Role.DRAFTER)

    tenancy.set_tenant(tosu.pk)

    assert not Case.objects.visible_to(stranger).exists()
    assert list(Case.objects.visible_to(factories.staff(tosu, Role.AUDITOR))) == [ours]
