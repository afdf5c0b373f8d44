"""Cases with their contract, and guarantees at the points where somebody has to act."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organization, Role, User
from contracts.models import AccessLink, Case, Purpose
from contracts.services import links
from contracts.services.cases import registering
from guarantees import services
from guarantees.facts import CertificateFacts
from guarantees.models import Channel, Guarantee, Institution
from tests import factories

KEY = "Kagi7-K2QZ9x"
NUMBER = "2070004426"
READ = {
    "beneficiary": "鳥栖市長",
    "work_title": "市道〇〇線道路改良工事",
    "amount": 40_000_000,
    # 保証期間は照合の日と比べる。いつ試験を走らせても終わっていない日
    "guaranteed_until": date(2099, 12, 31),
}
TOSU = {
    "announced_date": date(2026, 3, 1),
    "awarded_date": date(2026, 3, 5),
    "work_starts_date": date(2026, 3, 15),
    "work_ends_date": date(2026, 9, 30),
    "amount": 100_000_000,
}
USUKI = {
    "announced_date": date(2025, 3, 1),
    "awarded_date": date(2025, 3, 25),
    "work_starts_date": date(2025, 4, 10),
    "work_ends_date": date(2025, 9, 30),
    "amount": 50_000_000,
}


def contracted(slug: str = "tosu", *, on: date | None = None, **values: Any) -> Case:
    """Register a case and conclude it on paper: guarantees ask for a contract, not for its form (R95)."""
    city = factories.city(slug)
    drafter = factories.staff(city, Role.DRAFTER)
    case = factories.case(city, by=drafter, **((TOSU if slug == "tosu" else USUKI) | values))
    day = on or case.awarded_date + timedelta(days=5)
    return registering.switch_to_paper(case, actor=drafter, at=timezone.now(), contract_date=day)


def holder(case: Case) -> Actor:
    """Be the contractor who came by the guarantee link of the case."""
    link = AccessLink.unscoped.filter(case=case, purpose=Purpose.GUARANTEE).latest("pk")
    return links.holder(link, ip="127.0.0.1")


def officer(city: Organization) -> Actor:
    return factories.staff(city, Role.GUARANTEE_OFFICER)


def submitted(case: Case | None = None, **values: Any) -> Guarantee:
    """Register a 前払金保証 as the contractor does."""
    case = case or contracted()
    typed = {
        "actor": values.pop("actor", None) or holder(case),
        "at": timezone.now(),
        "type_": "advance",
        "institution": Institution.unscoped.get(tenant=case.tenant),
        "number": NUMBER,
        "key": KEY,
        "channel": Channel.UPLOAD,
    }
    return services.submit(case, **(typed | values))


def came() -> Any:
    """Look up the guarantees that came in, leaving aside what is still expected."""
    return Guarantee.unscoped.filter(submitted_at__isnull=False)


def checked(guarantee: Guarantee | None = None, **values: Any) -> Guarantee:
    guarantee = guarantee or submitted()
    actor = officer(guarantee.tenant)
    read = {"type": guarantee.type, "number": guarantee.number, "changed": guarantee.amends_id is not None} | READ
    return services.check(guarantee, actor=actor, at=timezone.now(), facts=CertificateFacts(**(read | values)))


def browser(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def clerk(city: Organization, *roles: Role) -> Client:
    return browser(factories.member(city, *(roles or (Role.GUARANTEE_OFFICER,))))


def entered(case: Case) -> tuple[Client, str]:
    """Press 「確認する」 on a fresh guarantee link; return the browser and its page."""
    at = timezone.now()
    firm = case.contractor
    address = links.issue(
        purpose=Purpose.GUARANTEE,
        case=case,
        name=firm.name,
        email=firm.email,
        at=at,
        expires_at=at + timedelta(days=1),
    )
    client = browser()
    response = client.post(address.removeprefix(settings.BASE_URL))
    assert response.status_code == 302, response.content.decode()
    return client, str(response["Location"])


@pytest.fixture
def case(db: None) -> Case:
    return contracted()
