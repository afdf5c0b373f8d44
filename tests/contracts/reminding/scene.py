"""A city whose cases wait for somebody, made as rows: what the services would have left behind, without a PDF."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organization, User
from contracts.models import (
    AccessLink,
    Case,
    Consent,
    Contract,
    ContractVersion,
    Party,
    Purpose,
    SigningStep,
)
from contracts.models.links import token_hash
from contracts.states import CaseState, StepState, VersionState
from notifications.models import Delivery, Reminder
from notifications.reminders import sweeping
from notifications.reminders.sweeping import Morning
from tests import factories
from vault import files
from vault.models import StoredFile

FIRM = "keiyaku@takasaki.example.jp"


def moment(day: date, hour: int = 8) -> datetime:
    """Give an hour of a day in Japan."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def case(city: Organization, *, awarded: date, **values: Any) -> Case:
    """Register a case on the day of its award; in the preset rules of 鳥栖市 it has seven calendar days."""
    days = {
        "announced_date": awarded - timedelta(days=20),
        "awarded_date": awarded,
        "work_starts_date": awarded + timedelta(days=30),
        "work_ends_date": awarded + timedelta(days=200),
    }
    return factories.case(city, at=moment(awarded, 10), **(days | values))


def consent(case: Case, *, asked: date, email: str = FIRM, **values: Any) -> Consent:
    """Ask the firm of a case for its consent."""
    made = Consent.unscoped.create(
        tenant=case.tenant, case=case, contractor=case.contractor, statement="同意", **values
    )
    link(case, Purpose.CONSENT, made=asked, consent=made, email=email)
    return made


def version(
    case: Case, *, drafter: User, signatory: User, state: str = VersionState.DRAFT, **values: Any
) -> ContractVersion:
    """Put the original contract of a case under way."""
    contract = Contract.unscoped.create(tenant=case.tenant, case=case, title="工事請負契約書")
    Case.unscoped.filter(pk=case.pk).update(state=CaseState.CONTRACTING)
    sent = {"approved_by": signatory, "approved_at": case.registered_at, "sent_at": case.registered_at}
    sent |= {"expires_at": case.registered_at + timedelta(days=60)}
    return ContractVersion.unscoped.create(
        tenant=case.tenant,
        contract=contract,
        number=1,
        state=state,
        amount=case.amount,
        work_starts_date=case.work_starts_date,
        work_ends_date=case.work_ends_date,
        signatory=signatory,
        drafted_by=drafter,
        drafted_at=case.registered_at,
        **(sent if state != VersionState.DRAFT else {}),
        **values,
    )


def request(version: ContractVersion, *, asked: date, email: str = FIRM, **values: Any) -> SigningStep:
    """Ask the contractor to sign."""
    return SigningStep.unscoped.create(
        tenant=version.tenant,
        version=version,
        order=values.pop("order", 1),
        party=values.pop("party", Party.CONTRACTOR),
        name="髙﨑　𠮷男",
        email=email,
        **({"state": StepState.REQUESTED, "requested_at": moment(asked, 10)} | values),
    )


def link(case: Case, purpose: Purpose, *, made: date, days: int = 14, email: str = FIRM, **values: Any) -> AccessLink:
    """Issue a link of a mail."""
    at = moment(made, 10)
    return AccessLink.unscoped.create(
        tenant=case.tenant,
        purpose=purpose,
        token_hash=token_hash(AccessLink.new_token()),
        case=case,
        name="髙﨑　𠮷男",
        email=email,
        made_at=at,
        expires_at=at + timedelta(days=days),
        **values,
    )


def sweep(city: Organization, day: date, *, hour: int = 8) -> Morning:
    """Hold the morning of a day."""
    return sweeping.sweep(city, on=day, at=moment(day, hour))


def told(*, rule: str) -> list[tuple[date, str]]:
    """List the planned days and addresses that were told by a rule, in the order of the mails."""
    rows = Reminder.unscoped.filter(rule=rule).order_by("delivery__created_at", "to")
    return list(rows.values_list("planned", "to"))


def mails() -> list[Delivery]:
    """List the digests, the oldest first."""
    return list(Delivery.unscoped.filter(key__startswith="morning:").order_by("created_at", "to"))


def mornings_of(email: str) -> list[date]:
    """List the days on which an address had a digest."""
    return [timezone.localdate(mail.created_at) for mail in mails() if mail.to == email]


def waiting(city: Organization, *, day: date, drafter: User, signatory: User, email: str) -> None:
    """Have one of everything wait on a day, for a firm of its own: three cases, each at another point of its way."""
    own: dict[str, Any] = {"by": factories.actor(drafter, city), "contractor": factories.contractor(city, email=email)}
    consent(case(city, awarded=day - timedelta(days=4), **own), asked=day - timedelta(days=4), email=email)
    asked = case(city, awarded=day - timedelta(days=5), **own)
    sent = version(asked, drafter=drafter, signatory=signatory, state=VersionState.SENT)
    step = request(sent, asked=day - timedelta(days=2), email=email)
    link(asked, Purpose.SIGN, made=day - timedelta(days=2), step=step, email=email)
    case(city, awarded=day - timedelta(days=6), **own)


def paper(city: Organization) -> StoredFile:
    """Keep a file of a few bytes."""
    return files.store(tenant_id=city.pk, content=b"%PDF-")
