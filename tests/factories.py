"""The ordinary cast: two cities with the rules of their guides, their staff, and a firm that won a tender.

Every function makes one row in the municipality that the test acts for, with values that may be overridden.
"""

import io
import itertools
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

import pikepdf
from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor, ActorKind
from accounts.models import WITH_FACTOR, Department, Membership, Organization, OrganizationKind, Role, User
from contracts import folding, presets
from contracts.models import (
    Case,
    Contractor,
    Custody,
    DisposalRecord,
    ForeignContract,
    ImportJob,
    ImportKind,
    RuleSet,
    Webhook,
)
from contracts.rules import validate
from contracts.services.cases import registering
from contracts.services.integrating import kinds, webhooks
from contracts.services.keeping import disposing, proposing
from contracts.states import ImportState
from guarantees.models import Institution
from signing import setup
from tests import passkeys
from vault import files

NAMES = {"tosu": "鳥栖市", "usuki": "臼杵市"}
DEPARTMENTS = ["建設課", "契約検査課"]
PASSWORD = "とても長い合言葉です-2026"
_numbers = itertools.count(1)


def city(slug: str = "tosu", **values: Any) -> Organization:
    """Make a municipality with the preset rules of its guide, and set it as the one the test acts for."""
    name = NAMES.get(slug, slug)
    row, _ = Organization.objects.get_or_create(
        slug=slug,
        defaults={
            "kind": OrganizationKind.MUNICIPALITY,
            "name": name,
            "mayor_title": f"{name}長",
            "mayor_name": "向門　慶人",
            "address": "佐賀県鳥栖市宿町1118番地",
            "help_desk": f"{name} 契約検査課",
            "help_phone": "0942-85-3500",
            "help_hours": "平日8:30〜17:15",
            "help_email": f"keiyaku@{slug}.example.jp",
        }
        | values,
    )
    tenancy.set_tenant(row.pk)
    rules = presets.load(slug if slug in presets.available() else "tosu")
    RuleSet.unscoped.get_or_create(
        tenant=row,
        number=1,
        defaults={"name": rules["version"], "effective_date": date(2025, 4, 1), "data": rules},
    )
    for name_ in DEPARTMENTS:
        Department.unscoped.get_or_create(tenant=row, name=name_, defaults={"email": f"{slug}-bu@example.jp"})
    Institution.unscoped.get_or_create(
        tenant=row, name="西日本建設業保証株式会社", branch="佐賀支店", defaults={"usual_number": r"\d{10}"}
    )
    return row


def rule_set(tenant: Organization, **sections: dict[str, Any]) -> RuleSet:
    """Put a new version of the city's rules in force, with some sections' values replaced."""
    last = RuleSet.unscoped.filter(tenant=tenant).latest("number")
    data = last.data | {name: last.data.get(name, {}) | values for name, values in sections.items()}
    validate(data)
    return RuleSet.unscoped.create(
        tenant=tenant, number=last.number + 1, name="試験の版", effective_date=date(2025, 4, 1), data=data
    )


def member(tenant: Organization, *roles: Role, name: str = "", email: str = "") -> User:
    """Make a member of staff with the given roles, and a passkey where a role asks for a second factor."""
    number = next(_numbers)
    user = User.objects.create_user(
        email=email or f"staff{number}@{tenant.slug}.example.jp", name=name or f"職員 {number}", password=PASSWORD
    )
    department = Department.unscoped.get(tenant=tenant, name=DEPARTMENTS[0])
    for role in roles:
        Membership.unscoped.create(tenant=tenant, user=user, role=role, department=department, title="課長")
    if not WITH_FACTOR.isdisjoint(roles):
        passkeys.give(user)
    return user


def actor(user: User, tenant: Organization) -> Actor:
    """Make the actor of a member of staff."""
    roles = Membership.unscoped.filter(user=user, tenant=tenant).values_list("role", flat=True)
    return Actor(
        kind=ActorKind.STAFF,
        tenant_id=tenant.pk,
        name=user.name,
        email=user.email,
        ip="127.0.0.1",
        user_id=user.pk,
        roles=frozenset(roles),
        organization_name=tenant.name,
    )


def staff(tenant: Organization, *roles: Role) -> Actor:
    """Make a member of staff and return their actor."""
    return actor(member(tenant, *roles), tenant)


def contractor(tenant: Organization, **values: Any) -> Contractor:
    """Put a firm on the city's register; its name holds the characters people really use.

    The first firm of a city has the ordinary address, and each further one an address of its own.
    """
    number = _number(Contractor, tenant)
    name = values.pop("name", f"㈱髙﨑𠮷建設{number}")
    is_first = not Contractor.unscoped.filter(tenant=tenant).exists()
    return Contractor.unscoped.create(
        tenant=tenant,
        name=name,
        name_key=folding.search_key(name),
        **{
            "address": "佐賀県鳥栖市宿町1234番地",
            "representative_title": "代表取締役",
            "representative_name": "髙﨑　𠮷男",
            "email": f"keiyaku@takasaki{'' if is_first else number}.example.jp",
            "phone": "0942-00-0000",
        }
        | values,
    )


def _number(model: type[Case | Contractor], tenant: Organization) -> int:
    """Count on from what a city has: a story told again has the same numbers, and another city has others."""
    return 1000 * (crc32(tenant.slug.encode()) % 97 + 1) + model.unscoped.filter(tenant=tenant).count()


def case(tenant: Organization, *, by: Actor | None = None, at: datetime | None = None, **values: Any) -> Case:
    """Register an awarded construction case, today by default."""
    at = at or timezone.now()
    today = timezone.localdate(at)
    typed = {
        "number": f"鳥工第{_number(Case, tenant)}号",
        "title": "市道〇〇線道路改良工事",
        "place": "鳥栖市宿町地内",
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": today - timedelta(days=20),
        "awarded_date": today,
        "amount": 11_000_000,
        "work_starts_date": today + timedelta(days=10),
        "work_ends_date": today + timedelta(days=200),
    } | values
    return registering.register(
        actor=by or staff(tenant, Role.DRAFTER),
        at=at,
        contractor=typed.pop("contractor", None) or contractor(tenant),
        department=typed.pop("department", None) or Department.unscoped.get(tenant=tenant, name=DEPARTMENTS[0]),
        **typed,
    )


def pdf(pages: int = 1, *, password: str = "") -> bytes:
    """Make a small PDF of blank A4 pages, encrypted when there is a password."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
        made.save(out, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return out.getvalue()


def foreign(tenant: Organization, *, by: Actor, **values: Any) -> ForeignContract:
    """Take in a contract of elsewhere, without its file being looked at."""
    at = timezone.now()
    report = {"counts": {}, "rows": [], "remarks": []}
    clerk = {"tenant": tenant, "made_by_id": by.user_id, "made_at": at}
    job = ImportJob.unscoped.create(
        kind=ImportKind.ELSEWHERE, name="契約.zip", report=report, state=ImportState.APPLIED, applied_at=at, **clerk
    )
    stored = files.store(tenant_id=tenant.pk, content=pdf() + b"%" + str(job.pk).encode())
    facts = {
        "concluded_date": date(1999, 6, 1),
        "party": "㈱髙﨑建設",
        "amount": 11_000_000,
        "title": "元町橋橋梁補修工事",
        "kind": "construction",
        "kind_label": "建設工事",
        "number": "第12号",
    }
    return ForeignContract.unscoped.create(
        tenant=tenant,
        job=job,
        file=stored,
        name="橋梁補修.pdf",
        sha256=stored.sha256,
        size=stored.size,
        pages=1,
        verdict="UNSIGNED",
        report={"pages": 1, "told": "電子署名なし", "report": {}},
        taken_in_by_id=by.user_id,
        taken_in_at=at,
        **facts | values,
    )


def disposed(custody: Custody, *, by: Actor) -> DisposalRecord:
    """Propose what is due beside a custody, have two others approve it, and let the worker dispose of it."""
    at = timezone.now()
    tenant = custody.tenant
    made = proposing.propose(up_to=custody.ends_date, actor=by, at=at)
    for _ in range(2):
        proposing.approve(made, actor=staff(tenant, Role.APPROVER), at=at)
    while disposing.dispose_next(tenant_id=tenant.pk, at=timezone.now()):
        pass
    return DisposalRecord.unscoped.get(custody=custody)


def appointing(sealer: Any) -> Any:
    """Have one sealer seal for everybody, in the name of the configured key."""

    def appoint(owner: str, at: datetime, *, stopped: Any) -> setup.Appointed:
        return setup.Appointed(sealer, setup.appoint(owner, at, stopped=stopped).key)

    return appoint


def webhook(tenant: Organization, *wanted: str, url: str = "https://keiyaku.example.jp/musubi", **told: Any) -> Webhook:
    """Have another system of the city told of events: of all of them unless some are named."""
    chosen = wanted or [action for action, _label in kinds.choices()]
    facts = {"name": "契約管理", "at": timezone.now()} | told
    return webhooks.add(actor=staff(tenant, Role.ADMINISTRATOR), url=url, wanted=chosen, **facts)[0]
