"""The departments of a city: their names, and where mails and calls reach them (R5)."""

from datetime import datetime

from django.db import transaction

from accounts import permissions
from accounts.actors import Actor
from accounts.models import Department
from accounts.querysets import lock
from accounts.refusals import Refusal
from accounts.services import evidence


class DepartmentRefused(Refusal):
    """The department cannot be added or changed this way."""


@transaction.atomic
def add(*, actor: Actor, at: datetime, name: str, email: str = "", phone: str = "") -> Department:
    """Add a department; raises DepartmentRefused when there is one of that name."""
    permissions.check(permissions.can_register_members, actor)
    department = Department(tenant_id=actor.tenant_id, name=name, email=email, phone=phone)
    _check_name(department)
    department.save(force_insert=True)
    _record("people.department_added", department, actor=actor, at=at, after=_described(department))
    return department


@transaction.atomic
def change(
    department: Department, *, actor: Actor, at: datetime, edit_number: int, name: str, email: str, phone: str
) -> Department:
    """Rename a department or change how it is reached; cases and people stay with it.

    `edit_number` is the one the asker has seen: raises DepartmentRefused when someone else was faster.
    """
    permissions.check(permissions.can_administer, actor)
    department = lock(department)
    if department.edit_number != edit_number:
        raise DepartmentRefused(
            "ほかの運用管理者が、先にこの課を変えました。いまの内容を確かめてから、やり直してください。"
        )
    before = _described(department)
    department.name, department.email, department.phone = name, email, phone
    if _described(department) == before:
        return department
    _check_name(department)
    department.edit_number += 1
    department.save(update_fields=["name", "email", "phone", "edit_number"])
    _record("people.department_changed", department, actor=actor, at=at, before=before, after=_described(department))
    return department


def _check_name(department: Department) -> None:
    same = Department.unscoped.filter(tenant_id=department.tenant_id, name=department.name)
    if same.exclude(pk=department.pk).exists():
        raise DepartmentRefused(f"「{department.name}」という課は、すでにあります。")


def _described(department: Department) -> dict[str, str]:
    return {"name": department.name, "email": department.email, "phone": department.phone}


def _record(action: str, department: Department, *, actor: Actor, at: datetime, **data: object) -> None:
    subject = f"department:{department.pk}"
    evidence.record(action, actor=actor, at=at, thread=evidence.CITY_THREAD, subject=subject, **data)
