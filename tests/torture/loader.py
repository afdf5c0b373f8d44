"""Fill a rig with contracts that wait for their contractors: `python -m tests.torture.loader ROOM CONTRACTS`.

Everything is brought there by the product's services, in a process of its own; only the papers are ready-made.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

CITIES = ("tosu", "kiyama", "miyaki", "kamimine", "arita")
PAPERS = 3


@dataclass(frozen=True)
class Staff:
    """The people of one city, who do the same for every case."""

    tenant: Any
    drafter: Any
    approver: Any
    signatory: Any
    account: dict[str, str]


def main(room: Path, contracts: int) -> None:
    """Bring so many contracts to their contractors' mailboxes, and write down which."""
    django.setup()
    from django.db import transaction

    from tests.race import stage

    with stage.ready_made():
        papers = _papers()
        staff = [_staffed(slug) for slug in CITIES]
        made = []
        for number in range(1, contracts + 1):
            with transaction.atomic():
                made.append(_asked(staff[number % len(CITIES)], number=number, paper=next(papers)))
    told = {"cities": [each.account for each in staff], "contracts": made}
    (room / "manifest.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))


def _papers() -> Iterator[bytes]:
    from tests import factories

    return itertools.cycle([factories.pdf(pages) for pages in range(1, PAPERS + 1)])


def _staffed(slug: str) -> Staff:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.db import transaction

    from accounts.models import Role
    from tests import factories

    with transaction.atomic():
        tenant = factories.city(slug)
        signatory = factories.member(tenant, Role.SIGNATORY, name=f"署名する {slug}", email=f"shomei@{slug}.example.jp")
        secret = generate_totp_secret()
        TOTP.activate(signatory, secret)
        account = {
            "slug": slug,
            "tenant": tenant.pk,
            "name": signatory.name,
            "email": signatory.email,
            "password": factories.PASSWORD,
            "totp_secret": secret,
        }
        drafter, approver = (factories.staff(tenant, role) for role in (Role.DRAFTER, Role.APPROVER))
        return Staff(tenant, drafter, approver, signatory, account)


def _asked(staff: Staff, *, number: int, paper: bytes) -> dict[str, Any]:
    """Bring one case to the point at which its contractor is asked to sign."""
    from unittest.mock import patch

    from django.utils import timezone

    from accounts import tenancy
    from contracts.services.versions import drafting
    from tests import factories
    from tests.stories import Story

    tenancy.set_tenant(staff.tenant.pk)
    email = f"firm{number}@firms.example.jp"
    firm = factories.contractor(staff.tenant, email=email)
    name = f"責工第{number}号"
    case = factories.case(
        staff.tenant, by=staff.drafter, number=name, title=f"責め苦の工事その{number}", contractor=firm
    )
    told = Story(staff.tenant, staff.drafter, staff.approver, staff.signatory, case)
    with patch("contracts.documents.render_contract", lambda _paper: paper):
        # 五件に一件は、二つの文書に署名する
        if number % 5 == 0:
            told.sent()
        else:
            told.accepted()
            at = timezone.now()
            told.send(drafting.draft(case, actor=staff.drafter, at=at, signatory=staff.signatory))
    return {"case": case.pk, "number": name, "city": staff.tenant.slug, "firm": email}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
