"""The authority register of firms: who may sign for them, and from when until when (契約締結権限者, R3)."""

from datetime import date, datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.querysets import lock
from contracts import permissions
from contracts.models import Authority, Basis, Contractor
from contracts.services import evidence
from contracts.services.register.enlisting import THREAD, RegisterRefused


@transaction.atomic
def authorize(
    contractor: Contractor,
    *,
    actor: Actor,
    at: datetime,
    basis: Basis,
    title: str,
    name: str,
    email: str,
    starts_date: date | None,
    ends_date: date | None,
    name_kana: str = "",
) -> Authority:
    """Note who may sign for a firm and on which days (JST, both ends count; None leaves an end open).

    Raises RegisterRefused when the term ends before it starts.
    """
    doors.check(permissions.can_keep_register, actor)
    _check_term(starts_date, ends_date)
    person: Authority = Authority.unscoped.create(
        tenant_id=contractor.tenant_id,
        contractor=contractor,
        basis=basis,
        title=title,
        name=name,
        name_kana=name_kana,
        email=email,
        starts_date=starts_date,
        ends_date=ends_date,
    )
    _record("authority.added", person, actor=actor, at=at, basis=basis, email=email, starts=starts_date)
    return person


@transaction.atomic
def end(authority: Authority, *, actor: Actor, at: datetime, ends_date: date) -> Authority:
    """Settle the last day of a term (JST); a signature after it is refused before it happens."""
    doors.check(permissions.can_keep_register, actor)
    person = lock(authority)
    _check_term(person.starts_date, ends_date)
    before, person.ends_date = person.ends_date, ends_date
    person.save(update_fields=["ends_date"])
    _record("authority.ended", person, actor=actor, at=at, before=before)
    return person


def _check_term(starts: date | None, ends: date | None) -> None:
    if starts is not None and ends is not None and ends < starts:
        raise RegisterRefused("任期の末日が就任日より前になっています。日付をご確認ください。")


def _record(action: str, person: Authority, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record_in(
        THREAD,
        action,
        subject=f"contractor:{person.contractor_id}",
        actor=actor,
        at=at,
        contractor=person.contractor.full_name,
        name=f"{person.title} {person.name}",
        ends=person.ends_date,
        **data,
    )
