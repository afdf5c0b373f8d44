"""What a racer can do: each move reads the rows as its page does, waits for the start, and calls the service."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Organization, User
from contracts.models import (
    AccessLink,
    Case,
    Consent,
    Contract,
    ContractVersion,
    ImportJob,
    Inbox,
    Purpose,
    RuleDraft,
    SignerChange,
    SigningStep,
)
from contracts.services import links
from contracts.services.cases import amending, council, handing, papering, registering
from contracts.services.consents import consenting, withdrawing
from contracts.services.inboxes import codes as address_codes
from contracts.services.register import importing
from contracts.services.register.import_rows import digest
from contracts.services.rulesets import rulewriting
from contracts.services.signatures import changing, codes, concluding, ending, reassigning, sealing, signing
from contracts.services.versions import approving, drafting, papers, sheets
from guarantees import services as guarantees
from guarantees.models import Channel, Guarantee, Institution
from notifications.reminders import sweeping
from signing import setup
from signing.sealable import Body, sealable
from signing.sealing import Approval, Sealed
from signing.standing import Standing
from tests import factories

BY_LINK = "メールアドレスに届いた専用のリンク"
BY_PASSWORD = "パスワードと確認コード"
REASON = "競り合いの試験"
Deed = Callable[[], Any]
MOVES: dict[str, Callable[..., Any]] = {}


def in_request(prepare: Callable[..., Deed]) -> Callable[..., Any]:
    """Run a move in one transaction, as the middleware does a request: rows first, then the button."""

    @wraps(prepare)
    def run(tenant_id: int, start: Callable[[], object], **ids: Any) -> Any:
        with tenancy.acting_for(tenant_id):
            deed = prepare(**ids)
            start()
            return deed()

    MOVES[prepare.__name__] = run
    return run


def staff(user: int) -> Actor:
    city = Organization.objects.get(pk=tenancy.current_tenant())
    return factories.actor(User.objects.get(pk=user), city)


def holder(link: int) -> Actor:
    return links.holder(AccessLink.unscoped.get(pk=link), ip="192.0.2.1")


@in_request
def sign(*, step: int, link: int, at: datetime | None = None) -> Deed:
    row, actor = SigningStep.unscoped.get(pk=step), holder(link)
    return lambda: signing.instruct(row, actor=actor, at=at or timezone.now(), authentication=BY_LINK)


@in_request
def sign_out_of_turn(*, step: int, link: int) -> Deed:
    """Sign as the named person of a step that has not been asked yet."""
    row = SigningStep.unscoped.get(pk=step)
    actor = replace(holder(link), name=row.name, email=row.email)
    return lambda: signing.instruct(row, actor=actor, at=timezone.now(), authentication=BY_LINK)


@in_request
def sign_for_the_city(*, step: int, user: int) -> Deed:
    row, actor = SigningStep.unscoped.get(pk=step), staff(user)
    return lambda: signing.instruct(row, actor=actor, at=timezone.now(), authentication=BY_PASSWORD)


@in_request
def enter(*, link: int) -> Deed:
    """Press 「確認する」 on the page a mail leads to."""
    row, actor = AccessLink.unscoped.get(pk=link), holder(link)

    def press() -> None:
        links.open_(row, actor=actor, at=timezone.now())
        if row.step is not None and row.purpose == Purpose.SIGN:
            signing.open_(row.step, actor=actor, at=timezone.now())

    return press


@in_request
def guess(*, step: int, link: int, code: str) -> Deed:
    """Try a wrong code."""
    row, actor = SigningStep.unscoped.get(pk=step), holder(link)
    return lambda: codes.enter(row, actor=actor, at=timezone.now(), code=code) is None


@in_request
def open_inbox(*, email: str, code: str) -> Deed:
    """Type a code, a wrong one or the right one, to open the inbox of an address."""
    city = Inbox.unscoped.select_related("tenant").get(email=email).tenant
    return lambda: address_codes.enter(city, email=email, at=timezone.now(), ip=None, code=code) is not None


@in_request
def decline(*, step: int, link: int) -> Deed:
    row, actor = SigningStep.unscoped.get(pk=step), holder(link)
    return lambda: ending.decline(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def recall(*, version: int, user: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    return lambda: ending.recall(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def expire(*, version: int, at: datetime) -> Deed:
    row = ContractVersion.unscoped.get(pk=version)
    return lambda: ending.expire(row, at=at)


@in_request
def reassign(*, step: int, user: int, email: str) -> Deed:
    row, actor = SigningStep.unscoped.get(pk=step), staff(user)
    person = {"title": "専務取締役", "name": "柳瀨　一", "email": email}
    return lambda: reassigning.reassign(row, actor=actor, at=timezone.now(), reason=REASON, **person)


@in_request
def ask_change(*, step: int, link: int, email: str) -> Deed:
    """Name another signer, as the one who is asked now."""
    row, actor = SigningStep.unscoped.get(pk=step), holder(link)
    person = {"title": "専務取締役", "name": "柳瀨　一", "email": email}
    return lambda: changing.ask(row, actor=actor, at=timezone.now(), reason=REASON, **person)


@in_request
def accept_change(*, change: int, user: int) -> Deed:
    row, actor = SignerChange.unscoped.get(pk=change), staff(user)
    return lambda: reassigning.accept(row, actor=actor, at=timezone.now())


@in_request
def refuse_change(*, change: int, user: int) -> Deed:
    row, actor = SignerChange.unscoped.get(pk=change), staff(user)
    return lambda: changing.refuse(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def switch_to_paper(*, case: int, user: int) -> Deed:
    row, actor, today = Case.unscoped.get(pk=case), staff(user), timezone.localdate()
    return lambda: registering.switch_to_paper(row, actor=actor, at=timezone.now(), contract_date=today)


@in_request
def withdraw(*, consent: int, link: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), holder(link)
    return lambda: withdrawing.withdraw(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def withdraw_by_staff(*, consent: int, user: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), staff(user)
    return lambda: withdrawing.withdraw(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def invite(*, case: int, user: int) -> Deed:
    row, actor = Case.unscoped.get(pk=case), staff(user)
    return lambda: consenting.invite(row, actor=actor, at=timezone.now())


@in_request
def submit_consent(*, consent: int, link: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), holder(link)
    answers = {name: getattr(row, name) for name in papers.CONSENT_FIELDS}
    return lambda: consenting.submit(row, actor=actor, at=timezone.now(), answers=answers)


@in_request
def cancel_invitation(*, consent: int, user: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), staff(user)
    return lambda: consenting.cancel(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def accept(*, consent: int, user: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), staff(user)
    return lambda: consenting.accept(row, actor=actor, at=timezone.now())


@in_request
def give_back(*, consent: int, user: int) -> Deed:
    row, actor = Consent.unscoped.get(pk=consent), staff(user)
    return lambda: consenting.return_(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def approve(*, version: int, user: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    return lambda: approving.approve(row, actor=actor, at=timezone.now())


@in_request
def return_(*, version: int, user: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    return lambda: approving.return_(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def vote(*, contract: int, user: int, passed: bool) -> Deed:
    row, actor, today = Contract.unscoped.get(pk=contract), staff(user), timezone.localdate()
    return lambda: council.record_vote(
        row, actor=actor, at=timezone.now(), day=today, passed=passed, reason="" if passed else REASON
    )


@in_request
def conclude(*, version: int) -> Deed:
    row, trust = ContractVersion.unscoped.get(pk=version), setup.trust()
    return lambda: concluding.conclude(row, at=timezone.now(), trust=trust)


@in_request
def draft(*, case: int, user: int, signatory: int) -> Deed:
    row, actor, signer = Case.unscoped.get(pk=case), staff(user), User.objects.get(pk=signatory)
    return lambda: drafting.draft(row, actor=actor, at=timezone.now(), signatory=signer)


@in_request
def amend(*, case: int, user: int, signatory: int) -> Deed:
    row, actor, signer = Case.unscoped.get(pk=case), staff(user), User.objects.get(pk=signatory)
    return lambda: amending.amend(row, actor=actor, at=timezone.now(), signatory=signer, reason=REASON)


@in_request
def drop(*, contract: int, user: int) -> Deed:
    row, actor = Contract.unscoped.get(pk=contract), staff(user)
    return lambda: amending.drop(row, actor=actor, at=timezone.now(), reason=REASON)


@in_request
def edit(*, version: int, user: int, amount: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    sheet, seen = replace(sheets.sheet_of(row), amount=amount), row.edit_number
    return lambda: drafting.change(
        row, actor=actor, at=timezone.now(), edit_number=seen, sheet=sheet, signatory=row.signatory
    )


@in_request
def submit(*, version: int, user: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    seen = row.edit_number
    return lambda: drafting.submit(row, actor=actor, at=timezone.now(), edit_number=seen)


@in_request
def discard(*, version: int, user: int) -> Deed:
    row, actor = ContractVersion.unscoped.get(pk=version), staff(user)
    return lambda: drafting.discard(row, actor=actor, at=timezone.now())


@in_request
def hand_over(*, giver: int, to: int, user: int) -> Deed:
    people, actor = User.objects.in_bulk([giver, to]), staff(user)
    return lambda: handing.hand_over(people[giver], actor=actor, at=timezone.now(), to=people[to])


@in_request
def apply_import(*, job: int, user: int) -> Deed:
    row, actor = ImportJob.unscoped.get(pk=job), staff(user)
    return lambda: importing.apply(row, actor=actor, at=timezone.now(), seen=digest(row.report))


@in_request
def begin_rules(*, user: int) -> Deed:
    city, actor = Organization.objects.get(pk=tenancy.current_tenant()), staff(user)
    return lambda: rulewriting.begin(city, actor=actor, at=timezone.now())


@in_request
def edit_rules(*, draft: int, user: int, days: int) -> Deed:
    """Save another length of the period for concluding, as the page was opened."""
    row, actor = RuleDraft.unscoped.get(pk=draft), staff(user)
    data = row.data | {"deadline": row.data["deadline"] | {"days": days}}
    return lambda: rulewriting.change(row, actor=actor, at=timezone.now(), edit_number=row.edit_number, data=data)


@in_request
def publish_rules(*, draft: int, user: int) -> Deed:
    row, actor, today = RuleDraft.unscoped.get(pk=draft), staff(user), timezone.localdate()
    return lambda: rulewriting.publish(
        row, actor=actor, at=timezone.now(), edit_number=row.edit_number, version="試験の版", effective_date=today
    )


@in_request
def sweep(*, at: datetime) -> Deed:
    """Begin the morning of a day, as two beats may at once."""
    city = Organization.objects.get(pk=tenancy.current_tenant())
    return lambda: bool(sweeping.sweep(city, on=timezone.localdate(at), at=at).letters)


def handed_in(case: Case, *, actor: Actor, type_: str = "advance") -> Guarantee:
    """Register a guarantee that came by mail, always under the same number."""
    return guarantees.submit(
        case,
        actor=actor,
        at=timezone.now(),
        type_=type_,
        institution=Institution.unscoped.get(tenant=case.tenant_id),
        number="2070004426",
        key="Kagi7-K2QZ9x",
        channel=Channel.EMAIL,
        papers=["notice"],
        clause_set_used=True,
    )


@in_request
def accept_guarantee(*, guarantee: int, user: int) -> Deed:
    row, actor = Guarantee.unscoped.get(pk=guarantee), staff(user)
    return lambda: guarantees.accept(row, actor=actor, at=timezone.now())


@in_request
def hand_in_guarantee(*, case: int, user: int) -> Deed:
    row, actor = Case.unscoped.get(pk=case), staff(user)
    return lambda: handed_in(row, actor=actor)


@in_request
def complete_works(*, case: int, user: int) -> Deed:
    row, actor, today = Case.unscoped.get(pk=case), staff(user), timezone.localdate()
    return lambda: guarantees.complete(row, actor=actor, at=timezone.now(), completed_date=today)


@in_request
def raise_price_on_paper(*, case: int, user: int) -> Deed:
    row, actor, today = Case.unscoped.get(pk=case), staff(user), timezone.localdate()
    days = {"work_starts_date": row.work_starts_date, "work_ends_date": row.work_ends_date}
    return lambda: papering.change(
        row, actor=actor, at=timezone.now(), contract_date=today, amount=row.amount * 2, **days
    )


@in_request
def reject_guarantee(*, guarantee: int, user: int) -> Deed:
    row, actor = Guarantee.unscoped.get(pk=guarantee), staff(user)
    return lambda: guarantees.reject(row, actor=actor, at=timezone.now(), reason=REASON)


@dataclass(frozen=True)
class QuickSealer:
    """Grow a document by a line and a time; what a race asks is who comes first, not what the signature holds."""

    def approve(self, source: Standing | Body, approval: Approval, *, final: bool) -> Sealed:
        at, line = timezone.now(), f"\n%{approval.field_name}\n".encode()
        before = source if isinstance(source, Standing) else sealable(source)
        end = replace(before.frame.end, size=before.size + len(line))
        after = before.after(line, replace(before.frame, end=end))
        return Sealed(line, after, timestamped_at=at, tsa="競り合い", archived_at=at if final else None)


def seal(tenant_id: int, start: Callable[[], object]) -> bool:
    """Seal as the worker does: in transactions of its own."""
    start()
    return sealing.seal_next(tenant_id=tenant_id, at=timezone.now(), appoint=factories.appointing(QuickSealer()))


MOVES["seal"] = seal
