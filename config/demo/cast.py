"""The example municipalities, firms, guarantor and staff that `make demo` works with. Loading twice changes nothing."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from accounts import tenancy
from accounts.models import (
    WITH_FACTOR,
    Department,
    Membership,
    Organization,
    OrganizationKind,
    Role,
    SigningBasis,
    User,
)
from config.demo import guarantor
from contracts import folding, presets
from contracts.models import Contractor, RuleSet
from contracts.services import operators
from guarantees.models import Side

GUARANTOR = guarantor.NAME

CITIES: dict[str, dict[str, Any]] = {
    "tosu": {
        "name": "鳥栖市",
        "mayor_title": "鳥栖市長",
        "mayor_name": "見本　太郎",
        "address": "佐賀県鳥栖市宿町1118番地",
        "help_desk": "契約検査課",
        "help_phone": "0942-00-0000",
        "help_hours": "平日 8:30〜17:15",
        "help_email": "keiyaku@tosu.example.jp",
        "departments": {"建設課": "kensetsu", "契約検査課": "keiyaku", "監査委員事務局": "kansa"},
        "branch": "佐賀支店",
    },
    "usuki": {
        "name": "臼杵市",
        "mayor_title": "臼杵市長",
        "mayor_name": "見本　花子",
        "address": "大分県臼杵市大字臼杵72番1",
        "help_desk": "契約検査課",
        "help_phone": "0972-00-0000",
        "help_hours": "平日 8:30〜17:15",
        "help_email": "keiyaku@usuki.example.jp",
        "departments": {"建設課": "kensetsu", "契約検査課": "keiyaku", "監査委員事務局": "kansa"},
        "branch": "大分支店",
    },
}
# 順に、メールの名・氏名・課・役職・役割
STAFF = (
    ("kian", "起案　一郎", "建設課", "主査", (Role.DRAFTER,)),
    ("shonin", "承認　二子", "建設課", "課長", (Role.APPROVER,)),
    ("shomei", "署名　三郎", "契約検査課", "契約検査課長", (Role.SIGNATORY,)),
    ("hosho", "保証　四季", "契約検査課", "主任", (Role.GUARANTEE_OFFICER,)),
    ("kansa", "監査　五月", "監査委員事務局", "書記", (Role.AUDITOR,)),
    ("kanri", "管理　六実", "契約検査課", "係長", (Role.ADMINISTRATOR,)),
)
UNDERWRITER = (guarantor.UNDERWRITER, "審査　七海", "", "審査役", (Role.UNDERWRITER,))
OPERATING = ("unei", "見本運営協議会")
OPERATOR = ("tanto", "運営　八重", "", "主査", (Role.OPERATOR,))
# 順に、商号・住所・代表者の役職・代表者名・メールの名
FIRMS = (
    ("株式会社髙﨑𠮷建設", "佐賀県鳥栖市本町一丁目1番地", "代表取締役", "髙﨑　𠮷男", "takasaki"),
    ("㈱渡邉󠄂土木", "佐賀県鳥栖市元町1200番地", "代表取締役社長", "渡邉󠄂　葵", "watanabe"),
    ("有限会社うすき測量設計", "大分県臼杵市大字市浜8番地", "取締役", "濵田　海斗", "hamada"),
)

# 名前の読み。うすき測量設計のように、一部がかなの名にも付ける
KANA = {
    "株式会社髙﨑𠮷建設": "タカサキヨシケンセツ",
    "㈱渡邉󠄂土木": "ワタナベドボク",
    "有限会社うすき測量設計": "ウスキソクリョウセッケイ",
    "髙﨑　𠮷男": "タカサキ　ヨシオ",
    "渡邉󠄂　葵": "ワタナベ　アオイ",
    "濵田　海斗": "ハマダ　カイト",
    "起案　一郎": "キアン　イチロウ",
    "承認　二子": "ショウニン　ツギコ",
    "署名　三郎": "ショメイ　サブロウ",
    "保証　四季": "ホショウ　シキ",
    "監査　五月": "カンサ　サツキ",
    "管理　六実": "カンリ　ムツミ",
    "審査　七海": "シンサ　ナナミ",
    "運営　八重": "ウンエイ　ヤエ",
}


@dataclass(frozen=True)
class Account:
    """Someone who can sign in to the example, with what they need to do so."""

    city: str
    slug: str
    name: str
    roles: tuple[str, ...]
    email: str
    password: str
    totp_secret: str


def load(*, accounts_file: Path) -> None:
    """Load the cast; write who can sign in to a file that only its owner can read."""
    for slug, details in CITIES.items():
        with_details = {k: v for k, v in details.items() if k not in {"departments", "branch"}}
        city, _ = Organization.objects.get_or_create(
            slug=slug, defaults={"kind": OrganizationKind.MUNICIPALITY} | with_details
        )
        with tenancy.acting_for(city.pk):
            _load_city(city, details)
    founded = guarantor.found()
    for slug, details in CITIES.items():
        guarantor.connect(Organization.objects.get(slug=slug), founded, branch=details["branch"])
    for name, address, _title, _person, mailbox in FIRMS:
        email = f"{mailbox}@kensetsu.example.jp"
        guarantor.enter(founded, Side.APPLICANT, name=name, email=email, address=address)
    _load_staff(accounts_file)


def _load_city(city: Organization, details: dict[str, Any]) -> None:
    rules = presets.load(city.slug)
    RuleSet.unscoped.get_or_create(
        tenant=city,
        number=1,
        defaults={
            "name": rules["version"],
            "effective_date": date.fromisoformat(rules["effective_date"]),
            "data": rules,
        },
    )
    for name, mailbox in details["departments"].items():
        email = f"{mailbox}@{city.slug}.example.jp"
        Department.unscoped.get_or_create(tenant=city, name=name, defaults={"email": email})
    for name, address, title, representative, mailbox in FIRMS:
        Contractor.unscoped.get_or_create(
            tenant=city,
            name=name,
            address=address,
            defaults={
                "name_key": folding.search_keys(name, KANA[name], longest=400),
                "name_kana": KANA[name],
                "representative_title": title,
                "representative_name": representative,
                "representative_kana": KANA[representative],
                "email": f"{mailbox}@kensetsu.example.jp",
            },
        )


def _load_staff(accounts_file: Path) -> None:
    known = {row["email"]: row for row in json.loads(accounts_file.read_text())} if accounts_file.exists() else {}
    accounts: list[Account] = []
    for slug in CITIES:
        city = Organization.objects.get(slug=slug)
        with tenancy.acting_for(city.pk):
            accounts += [_load_member(city, *entry, known=known) for entry in STAFF]
    founded = Organization.objects.get(slug=guarantor.SLUG)
    with tenancy.acting_for(founded.pk):
        accounts.append(_load_member(founded, *UNDERWRITER, known=known))
    operating = _operating()
    with tenancy.acting_for(operating.pk):
        accounts.append(_load_member(operating, *OPERATOR, known=known))
    accounts_file.parent.mkdir(parents=True, exist_ok=True)
    accounts_file.touch(mode=0o600)
    accounts_file.write_text(json.dumps([asdict(account) for account in accounts], ensure_ascii=False, indent=1))


def _operating() -> Organization:
    slug, name = OPERATING
    known = Organization.objects.filter(slug=slug).first()
    return known or operators.found(slug=slug, name=name, at=timezone.now())


def _load_member(
    city: Organization,
    mailbox: str,
    name: str,
    department: str,
    title: str,
    roles: tuple[Role, ...],
    *,
    known: dict[str, dict[str, Any]],
) -> Account:
    """Find or make a member of staff; a new password and TOTP secret only when the old ones are not on file."""
    email = f"{mailbox}@{city.slug}.example.jp"
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email=email, name=name, name_kana=KANA[name]
    )
    kept = known.get(email, {})
    password = kept.get("password") or secrets.token_urlsafe(12)
    secret = kept.get("totp_secret", "") or ("" if WITH_FACTOR.isdisjoint(roles) else generate_totp_secret())
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    if secret and not (kept and Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()):
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, secret)
    place = Department.unscoped.get(tenant=city, name=department) if department else None
    for role in roles:
        # 課長が市の契約に署名するのは、専決の規程による
        basis = SigningBasis.DECISION if role == Role.SIGNATORY else ""
        Membership.unscoped.get_or_create(
            tenant=city, user=user, role=role, defaults={"department": place, "title": title, "basis": basis}
        )
    return Account(city.name, city.slug, name, tuple(role.label for role in roles), email, password, secret)
