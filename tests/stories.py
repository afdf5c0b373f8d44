"""Cases at the points of their way from award to contract, made through the services with the real TSA."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organization, Role
from contracts.models import AccessLink, Case, Consent, ContractVersion, DocumentKind, Purpose, SigningStep, StepKind
from contracts.models.links import OF_CONSENT
from contracts.services import links
from contracts.services.consents import consenting
from contracts.services.signatures import concluding, sealing, signing
from contracts.services.versions import approving, drafting, papers, sheets
from signing import setup
from tests import factories
from tests.remembering import remembered

CONTACT = {
    "contact_department": "総務部",
    "contact_title": "主任",
    "contact_name": "川﨑　花子",
    "contact_phone": "0942-00-0001",
}


@dataclass
class Story:
    """One case of a city on its way to a contract."""

    tenant: Organization
    drafter: Actor
    approver: Actor
    signatory: Any
    case: Case

    @property
    def consent(self) -> Consent:
        return Consent.unscoped.get(case=self.case)

    @property
    def version(self) -> ContractVersion:
        return ContractVersion.unscoped.filter(contract__case=self.case).latest("pk")

    def step(self, order: int) -> SigningStep:
        return SigningStep.unscoped.get(version=self.version, order=order)

    def address(self, purpose: Purpose, *, expires_at: datetime | None = None) -> str:
        """Issue a link as a mail would carry it, and return its path."""
        at = timezone.now()
        step = self.step(1) if purpose in {Purpose.SIGN, Purpose.DOWNLOAD} else None
        made = links.issue(
            purpose=purpose,
            case=self.case,
            step=step,
            consent=self.consent if purpose in OF_CONSENT else None,
            name=step.name if step else self.case.contractor.name,
            email=step.email if step else self.case.contractor.email,
            at=at,
            expires_at=expires_at or at + timedelta(days=14),
        )
        return made.removeprefix(settings.BASE_URL)

    def holder(self, purpose: Purpose) -> Actor:
        link = AccessLink.unscoped.filter(case=self.case, purpose=purpose, revoked_at=None).latest("pk")
        return links.holder(link, ip="127.0.0.1")

    def answers(self, consent: Consent | None = None) -> dict[str, str]:
        given = consent or self.consent
        return {name: getattr(given, name) for name in papers.CONSENT_FIELDS} | CONTACT

    def invited(self) -> "Story":
        consenting.invite(self.case, actor=self.drafter, at=timezone.now())
        return self

    @remembered()
    def accepted(self, **answers: str) -> "Story":
        """Have every firm of the contractor's side consent, each through its own mailed link."""
        at = timezone.now()
        self.invited()
        for consent in Consent.unscoped.filter(case=self.case).order_by("pk"):
            link = AccessLink.unscoped.get(consent=consent, purpose=Purpose.CONSENT, revoked_at=None)
            holder = links.holder(link, ip="127.0.0.1")
            given = consenting.submit(consent, actor=holder, at=at, answers=self.answers(consent) | answers)
            consenting.accept(given, actor=self.drafter, at=at)
        return self

    @remembered()
    def sent(self, **answers: str) -> "Story":
        self.accepted(**answers)
        at = timezone.now()
        version = drafting.draft(self.case, actor=self.drafter, at=at, signatory=self.signatory)
        drafting.add_document(
            version,
            actor=self.drafter,
            at=at,
            kind=DocumentKind.SPECIFICATION,
            title="特記仕様書",
            content=_specification(self.case.number),
            filename="仕様書.pdf",
        )
        return self.send(version)

    @remembered()
    def send(self, version: ContractVersion, **changes: Any) -> "Story":
        """Edit a draft where asked, have it approved, and send it out to be signed."""
        at = timezone.now()
        if changes:
            sheet = replace(sheets.sheet_of(version), **changes)
            drafting.change(
                version,
                actor=self.drafter,
                at=at,
                edit_number=version.edit_number,
                sheet=sheet,
                signatory=self.signatory,
            )
        drafting.submit(version, actor=self.drafter, at=at)
        approving.approve(version, actor=self.approver, at=at)
        return self

    def seal(self) -> None:
        while sealing.seal_next(tenant_id=self.tenant.pk, at=timezone.now(), appoint=setup.appoint):
            pass

    def signed(self) -> "Story":
        self.sent()
        holder = self.holder(Purpose.SIGN)
        signing.instruct(self.step(1), actor=holder, at=timezone.now(), authentication="メールのリンク")
        return self

    def concluded(self) -> "Story":
        self.sent()
        return self.sign_all()

    @remembered()
    def sign_all(self) -> "Story":
        """Have every party of the version sign in its turn, with the real worker's work in between."""
        for step in SigningStep.unscoped.filter(version=self.version).order_by("order"):
            holder = self._link_holder(step) if step.user is None else factories.actor(step.user, self.tenant)
            step.refresh_from_db()
            if step.kind == StepKind.CONFIRM:
                signing.confirm(step, actor=holder, at=timezone.now())
                continue
            signing.instruct(step, actor=holder, at=timezone.now(), authentication="メールのリンク")
            self.seal()
        assert concluding.conclude(self.version, at=timezone.now(), trust=setup.trust()), self.version.waiting_reason
        return self

    def _link_holder(self, step: SigningStep) -> Actor:
        link = AccessLink.unscoped.get(step=step, purpose=Purpose.SIGN, revoked_at=None)
        return links.holder(link, ip="127.0.0.1")


@cache
def _specification(_number: str) -> bytes:
    """Give a case the same pages whenever it is told, and another case others."""
    return factories.pdf(2)


def story(slug: str = "tosu", *, approver: Actor | None = None, **values: Any) -> Story:
    tenant = factories.city(slug)
    drafter = factories.staff(tenant, Role.DRAFTER)
    return Story(
        tenant=tenant,
        drafter=drafter,
        approver=approver or factories.staff(tenant, Role.APPROVER),
        signatory=factories.member(tenant, Role.SIGNATORY, name="向門　慶人"),
        case=factories.case(tenant, by=drafter, **values),
    )


def written() -> int:
    """Count the rows written so far in this test's transaction, in every table but the one that holds the limits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables"
            " where relname <> 'accounts_deed'"
        )
        return int(cursor.fetchone()[0])
