"""Hundreds of cities with believable numbers of cases, copied by the database from one that the services made."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import tenancy
from accounts.models import Department, Membership, Organization, OrganizationKind, Role, User
from benchmarks import town, works
from benchmarks.morning import looks
from benchmarks.morning import town as morning
from config.embedded.postgres import DATABASE
from config.embedded.stack import Stack
from config.metrics.queues import HOW_IT_GOES
from contracts import tasks
from contracts.models import Purpose
from contracts.services.versions import drafting
from notifications import tasks as mails
from tests import factories
from tests.pages import copying
from tests.stories import Story

# 契約の署名が実際に行われる市
SIGNING_CITIES = 5
# 支度の仕事を待つ、いちばん長い秒数
LONGEST = 1800


@dataclass(frozen=True)
class Clerk:
    """A member of staff who signs in with a password and a code."""

    city: str
    name: str
    email: str
    password: str
    totp_secret: str


@dataclass(frozen=True)
class Errand:
    """A contract that waits for its contractor: the link of the mail, as a path."""

    link: str


@dataclass(frozen=True)
class Country:
    """Who comes in the morning."""

    clerks: list[Clerk]
    errands: list[Errand]
    counted: dict[str, int]


def found(stack: Stack, *, cities: int, cases: int, contracts: int) -> Country:
    """Fill a city up to so many open cases, copy it until there are so many cities, and bring contracts to sign."""
    pattern = morning.found()
    settle(stack, meanwhile=_work)
    morning.fill(stack, pattern, cases=cases)
    _copy(stack, pattern, cities=cities)
    clerks = _clerks(cities)
    errands = _errands(contracts)
    return Country(clerks, errands, _counted(stack))


def waiting(stack: Stack) -> dict[str, int]:
    """Count the work that is due, by its kind."""
    assert stack.postgres is not None
    with stack.postgres.superuser(DATABASE) as connection:
        asked = [
            connection.execute(f"select kind, waiting from {each}(now()) where waiting > 0").fetchall()
            for each in HOW_IT_GOES
        ]
    return {kind: count for rows in asked for kind, count in rows}


def settle(stack: Stack, *, meanwhile: Callable[[], None] = lambda: time.sleep(1)) -> None:
    """Wait until nothing is due: who comes in the morning finds the evening's work done."""
    until = time.monotonic() + LONGEST
    while left := waiting(stack):
        if time.monotonic() > until:
            raise SystemExit(f"支度の仕事が終わりません: {left}")
        meanwhile()


def _work() -> None:
    """Do here what workers would do for the pattern: a copy of a mail that waits can be sent to nobody."""
    for task in (tasks.work, tasks.upkeep, tasks.check_records, mails.deliver):
        task()


def _copy(stack: Stack, pattern: Organization, *, cities: int) -> None:
    """Copy a city with all its rows and its log, past the walls and the triggers."""
    assert stack.postgres is not None
    with stack.postgres.superuser(DATABASE) as connection:
        connection.execute("set session_replication_role = replica")
        for statement in copying.statements():
            connection.execute(statement, {"pattern": pattern.pk, "last": cities - 1})
        connection.execute("vacuum (analyze)")


def _clerks(cities: int) -> list[Clerk]:
    """Hire somebody with all the roles that work waits for in each city, all with the same costly password."""
    password = secrets.token_urlsafe(16)
    kept, made = make_password(password), []
    rows = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk")[:cities]
    for city in rows:
        with transaction.atomic(), tenancy.acting_for(city.pk):
            email = f"asa@{city.slug}.example.jp"
            user = User.objects.create(email=email, name=f"朝の {city.slug}", password=kept)
            place = Department.unscoped.filter(tenant=city, name="第0課").first()
            for role in looks.ROLES:
                Membership.unscoped.create(tenant=city, user=user, role=role, department=place, title="主査")
            secret = generate_totp_secret()
            TOTP.activate(user, secret)
            made.append(Clerk(city.slug, user.name, email, password, secret))
    return made


def _errands(contracts: int) -> list[Errand]:
    """Bring contracts of some cities to their contractors through the services, one document each."""
    with town.prepared(works.contract()):
        return [_errand(f"shomei-{number % SIGNING_CITIES}", number) for number in range(contracts)]


def _errand(slug: str, number: int) -> Errand:
    with transaction.atomic():
        city = factories.city(slug)
        drafter, approver = (_someone(city, role) for role in (Role.DRAFTER, Role.APPROVER))
        signatory = _someone(city, Role.SIGNATORY)
        firm = factories.contractor(city, email=f"firm{number}@firms.example.jp")
        actor = factories.actor(drafter, city)
        case = factories.case(city, by=actor, contractor=firm, number=f"朝工第{number}号")
        told = Story(city, actor, factories.actor(approver, city), signatory, case).accepted()
        told.send(drafting.draft(case, actor=actor, at=timezone.now(), signatory=signatory))
        return Errand(told.address(Purpose.SIGN))


def _someone(city: Organization, role: Role) -> User:
    """Return the city's one person of a role."""
    email = f"{role}@{city.slug}.example.jp"
    return User.objects.filter(email=email).first() or factories.member(city, role, email=email)


def _counted(stack: Stack) -> dict[str, int]:
    assert stack.postgres is not None
    tables = {
        "団体": "accounts_organization",
        "案件": "contracts_case",
        "書庫": "contracts_archiveentry",
        "記録": "audit_event",
    }
    with stack.postgres.superuser(DATABASE) as connection:
        return {
            name: connection.execute(f"select count(*) from {table}").fetchone()[0] for name, table in tables.items()
        }
