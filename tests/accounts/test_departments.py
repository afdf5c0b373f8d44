"""Departments are named and reached as the administrator says; the second of two editors is told."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from accounts.services import departments
from accounts.services.departments import DepartmentRefused
from tests import factories
from tests.accounts.conftest import last_event

pytestmark = pytest.mark.django_db


def test_a_department_is_added_once_by_the_administrator(tosu, administrator):
    departments.add(actor=administrator, at=timezone.now(), name="上下水道局", email="suido@tosu.example.jp")

    assert last_event(tosu)[:2] == ("people.department_added", "city")
    with pytest.raises(DepartmentRefused, match="すでにあります"):
        departments.add(actor=administrator, at=timezone.now(), name="上下水道局")
    with pytest.raises(PermissionDenied):
        departments.add(actor=factories.staff(tosu, Role.DRAFTER), at=timezone.now(), name="農林課")


def test_a_renamed_department_keeps_its_people_and_what_it_was_called(tosu, administrator):
    old = departments.add(actor=administrator, at=timezone.now(), name="土木課", phone="0942-85-3600")
    typed = {"name": "建設管理課", "email": "", "phone": "0942-85-3600"}

    departments.change(old, actor=administrator, at=timezone.now(), edit_number=0, **typed)

    action, _, data = last_event(tosu)
    assert action == "people.department_changed"
    assert (data["before"]["name"], data["after"]["name"]) == ("土木課", "建設管理課")
    with pytest.raises(DepartmentRefused, match="先にこの課を変えました"):
        departments.change(old, actor=administrator, at=timezone.now(), edit_number=0, **typed | {"name": "道路課"})
    with pytest.raises(DepartmentRefused, match="すでにあります"):
        departments.change(old, actor=administrator, at=timezone.now(), edit_number=1, **typed | {"name": "建設課"})
