"""A guarantor with its people, a firm that applies and a city that views; certificates at each point of their life."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Membership, Organization, OrganizationKind, Role, User
from guarantees.issuing.services import applying, correspondents, entering, noticing, sealing, underwriting
from guarantees.issuing.services.applying import Wish
from guarantees.models.issuing import Application, Correspondent, EntryLink, IssuedCertificate, Side
from signing import setup
from tests import factories

FIRM, CITY = "㈱髙﨑𠮷建設", "鳥栖市長"
KEYS = Path(settings.SIGNING_PKCS12).with_name("keys.toml")


@contextmanager
def holding_keys() -> Iterator[None]:
    """Sign with the list of keys in which the guarantor has one of its own."""
    with override_settings(SIGNING_KEYS=str(KEYS)):
        setup.keyring.cache_clear()
        yield
    setup.keyring.cache_clear()


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    with holding_keys():
        yield


def organization(slug: str = "nishinihon", name: str = "西日本建設業保証株式会社") -> Organization:
    row, _ = Organization.objects.get_or_create(
        slug=slug,
        defaults={
            "kind": OrganizationKind.GUARANTOR,
            "name": name,
            "mayor_title": "代表取締役社長",
            "mayor_name": "見本　一郎",
            "address": "大阪府大阪市西区立売堀二丁目1番2号",
            "help_desk": "佐賀支店",
            "help_phone": "0952-00-0000",
            "help_email": f"hosho@{slug}.example.jp",
        },
    )
    tenancy.set_tenant(row.pk)
    return row


def person(guarantor: Organization, name: str = "審査　太郎") -> User:
    user = User.objects.create_user(email=f"shinsa@{guarantor.slug}.example.jp", name=name, password="x")
    Membership.unscoped.create(tenant=guarantor, user=user, role=Role.UNDERWRITER)
    return user


def wish(**values: Any) -> Wish:
    """Ask for the sample of the guide: 100,000,000 yen of work, 40,000,000 of it in advance (A:691)."""
    typed = {
        "work_title": "市道〇〇線道路改良工事",
        "price": 100_000_000,
        "amount": 40_000_000,
        "work_from": date(2026, 3, 15),
        "work_until": date(2026, 9, 30),
        "deposit_bank": "〇〇銀行 △△支店",
    }
    return Wish(**(typed | values))


class Books:
    """One guarantor's books, and what people do in them."""

    def __init__(self, guarantor: Organization | None = None) -> None:
        self.guarantor = guarantor or organization()
        self.user = person(self.guarantor)
        self.underwriter: Actor = factories.actor(self.user, self.guarantor)
        self.firm = self.entered(Side.APPLICANT, FIRM, "keiyaku@takasaki.example.jp", address="鳥栖市宿町1234番地")
        self.city = self.entered(Side.ORDERER, CITY, "keiyaku@tosu.example.jp")

    def entered(self, side: Side, name: str, email: str, **values: str) -> Correspondent:
        return correspondents.register(
            actor=self.underwriter, at=timezone.now(), side=side, name=name, email=email, **values
        )

    def holder(self, correspondent: Correspondent) -> Actor:
        """Be someone who came by the newest link of a correspondent."""
        entering.make(correspondent, at=timezone.now())
        return entering.holder(EntryLink.unscoped.filter(correspondent=correspondent).latest("pk"), ip="127.0.0.1")

    def applied(self, *, type_: str = "advance", orderer: Correspondent | None = None, **values: Any) -> Application:
        return applying.apply(
            self.firm,
            actor=self.holder(self.firm),
            at=timezone.now(),
            type_=type_,
            orderer=orderer or self.city,
            wish=wish(**values),
        )

    def issued(self, application: Application | None = None, **values: Any) -> IssuedCertificate:
        application = application or self.applied(**values)
        return underwriting.issue(application, actor=self.underwriter, at=timezone.now())

    def seal(self, **values: Any) -> bool:
        values = {"at": timezone.now(), "appoint": setup.appoint, "trust": setup.trust()} | values
        return sealing.seal_next(tenant_id=self.guarantor.pk, **values)

    def standing(self, **values: Any) -> IssuedCertificate:
        """Issue a certificate and have a worker seal it."""
        certificate = self.issued(**values)
        assert self.seal()
        certificate.refresh_from_db()
        assert certificate.last_error == ""
        return certificate

    def key(self, certificate: IssuedCertificate) -> str:
        return noticing.key_of(certificate)

    def desk(self) -> Client:
        """Sit down at the underwriter's desk."""
        client = Client()
        client.force_login(self.user)
        return client

    def entrance(self, correspondent: Correspondent) -> tuple[Client, str]:
        """Press 「確認する」 on a fresh link; return the browser and its first page."""
        link = entering.make(correspondent, at=timezone.now())
        client = Client()
        response = client.post(link.removeprefix(settings.BASE_URL))
        assert response.status_code == 302, response.content.decode()
        return client, str(response["Location"])


@pytest.fixture
def books(db: None) -> Books:
    return Books()
