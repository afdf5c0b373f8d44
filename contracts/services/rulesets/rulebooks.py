"""Publish a version of a city's rules, and found a city from its rule file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts import tenancy
from accounts.actors import Actor, system
from accounts.models import Department, Organization, OrganizationKind
from accounts.querysets import lock
from accounts.refusals import Refusal
from audit import journal
from contracts import hooks, permissions, rules
from contracts.dates import wareki
from contracts.models import RuleSet

FACTS = ("mayor_title", "mayor_name", "address", "help_desk", "help_phone", "help_hours", "help_email", "help_form")


class RulesRefused(Refusal):
    """The rules cannot be published, or the city cannot be founded, as written."""


@dataclass(frozen=True)
class Edition:
    """Rules that may be published: what will be stored, and what they change."""

    data: dict[str, Any]
    changes: tuple[rules.Change, ...]


def prepare(city: Organization, *, data: Mapping[str, Any], effective_date: date, at: datetime) -> Edition:
    """Check rules against the city and its version in force on their first day; write nothing.

    Raises RulesRefused when they are malformed, another city's, change nothing, name a department the city does not
    have, or begin in the past although the city already has rules.
    """
    stored = {key: value for key, value in data.items() if key != "city"}
    stored["effective_date"] = effective_date.isoformat()
    _validate(stored)
    if stored["name"] != city.name:
        raise RulesRefused(f"これは{stored['name']}の規則です。{city.name}の規則としては公開できません。")
    departments = Department.unscoped.filter(tenant=city).values_list("name", flat=True)
    _refuse_missing(stored, known=set(departments), name=city.name)
    before = in_force(city, on=effective_date)
    if before is None:
        return Edition(stored, ())
    if effective_date < timezone.localdate(at):
        raise RulesRefused(f"適用開始日は、きょう（{wareki(timezone.localdate(at))}）以降の日にしてください。")
    changes = rules.differences(before.data, stored)
    if not [change for change in changes if change.path != "effective_date"]:
        raise RulesRefused(f"{wareki(effective_date)}に適用される版（{before}）と同じ内容です。")
    return Edition(stored, changes)


def in_force(city: Organization, *, on: date) -> RuleSet | None:
    """Find the city's version in force on a day in Japan, if it has one."""
    try:
        return RuleSet.in_force(tenant=city, on=on)
    except RuleSet.DoesNotExist:
        return None


@transaction.atomic
def publish(
    city: Organization, *, data: Mapping[str, Any], effective_date: date, actor: Actor | None, at: datetime
) -> RuleSet:
    """Store the next version of a city's rules; no actor stands for the shell. Cases keep the version they have (R123).

    Raises RulesRefused as prepare does.
    """
    if actor is not None:
        doors.check(permissions.can_administer, actor)
    city = lock(city)
    edition = prepare(city, data=data, effective_date=effective_date, at=at)
    last = RuleSet.unscoped.filter(tenant=city).order_by("-number").values_list("number", flat=True).first()
    row: RuleSet = RuleSet.unscoped.create(
        tenant=city,
        number=(last or 0) + 1,
        name=edition.data["version"],
        effective_date=effective_date,
        data=edition.data,
        published_by_id=actor.user_id if actor else None,
        published_at=at,
    )
    _record(
        "rules.published",
        city,
        subject=f"rule_set:{row.pk}",
        actor=actor,
        at=at,
        data={
            "number": row.number,
            "name": row.name,
            "effective_date": effective_date.isoformat(),
            "changes": [change.label for change in edition.changes],
        },
    )
    return row


def check_founding(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the [city] of a rule file that may found one; write nothing.

    Raises RulesRefused when the rules are malformed, there is no [city], its slug is taken, or they name a department
    the city would not have.
    """
    _validate(data)
    facts: Mapping[str, Any] | None = data.get("city")
    if facts is None:
        raise RulesRefused("規則のファイルに「city」（自治体の開設）の節がありません。")
    if Organization.objects.filter(slug=facts["slug"]).exists():
        raise RulesRefused(f"記号「{facts['slug']}」の団体は、すでにあります。")
    _refuse_missing(data, known={one["name"] for one in facts["departments"]}, name=data["name"])
    return facts


@transaction.atomic
def found(*, data: Mapping[str, Any], at: datetime) -> Organization:
    """Make a municipality from its rule file: the city, its departments and institutions, and its first rules.

    Raises RulesRefused as check_founding does.
    """
    facts = check_founding(data)
    city = Organization.objects.create(
        kind=OrganizationKind.MUNICIPALITY,
        slug=facts["slug"],
        name=data["name"],
        **{key: facts[key] for key in FACTS if key in facts},
    )
    with tenancy.acting_for(city.pk):
        for department in facts["departments"]:
            Department.unscoped.create(tenant=city, **department)
        hooks.founded(city, facts=facts, at=at)
        names = {key: [one["name"] for one in facts.get(key, ())] for key in ("departments", "institutions")}
        _record("city.founded", city, subject=f"organization:{city.pk}", actor=None, at=at, data=names)
        publish(city, data=data, effective_date=date.fromisoformat(data["effective_date"]), actor=None, at=at)
    return city


def _validate(data: Mapping[str, Any]) -> None:
    try:
        rules.validate(data)
    except rules.RuleError as wrong:
        raise RulesRefused(str(wrong)) from wrong


def _refuse_missing(data: Mapping[str, Any], *, known: set[str], name: str) -> None:
    if missing := sorted(rules.departments(data).difference(known)):
        raise RulesRefused(f"{name}に「{'」「'.join(missing)}」がありません。先に課を登録してください。")


def _record(
    action: str, city: Organization, *, subject: str, actor: Actor | None, at: datetime, data: Mapping[str, object]
) -> None:
    who = actor or replace(system(city.pk), name="運用担当（コマンド）")
    journal.record(
        action,
        tenant_id=city.pk,
        at=at,
        actor_kind=who.kind,
        actor_name=f"{who.name} <{who.email}>" if who.email else who.name,
        ip=who.ip,
        subject=subject,
        thread="city",
        data=data,
    )
