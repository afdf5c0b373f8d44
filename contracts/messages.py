"""Who is told what: one function per event, each filling the outbox in the transaction that decides.

The templates stand in templates/notifications/contracts/; the mails about a consent have a module in its room. A mail
carries no secret but its own one-purpose link.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, User
from contracts.dates import wareki
from contracts.models import (
    ApprovalKind,
    ApprovalStep,
    Case,
    Contract,
    ContractVersion,
    SignerChange,
    SigningCode,
    SigningStep,
    StepKind,
)
from contracts.states import VersionState
from notifications import outbox


def tell(
    case: Case,
    template: str,
    *,
    key: str,
    to: str,
    at: datetime,
    link: str | None = None,
    code: str | None = None,
    about: str = "",
    **context: Any,
) -> None:
    """Queue one mail about a case, named by its template, a key and its recipient; nobody is told nothing.

    `about` names the row that the mail is for, where the link alone does not ("guarantee:12").
    """
    if not to:
        return
    facts = {
        "city_name": case.tenant.name,
        "case_number": case.number,
        "case_title": case.title,
        "office": case.department.name,
        "office_phone": case.department.phone,
    }
    outbox.enqueue(
        tenant=case.tenant,
        key=f"{template}:{key}:{to}",
        to=to,
        template=template,
        context=facts | context,
        link=link,
        code=code,
        about=about,
        thread=case.thread,
        at=at,
    )


def notify(case: Case, template: str, **mail: Any) -> None:
    """Queue one mail of this app about a case, with the deadline of its contract."""
    deadline = case.conclusion_deadline_date
    tell(case, f"contracts/{template}", deadline=wareki(deadline) if deadline else "", **mail)


def moment(at: datetime) -> str:
    """Write an instant as people in Japan read it: 令和8年3月5日 10時20分."""
    local = timezone.localtime(at)
    return f"{wareki(local.date())} {local:%H時%M分}"


def case_page(case: Case) -> str:
    """Give the address of a case's page, for staff."""
    return settings.BASE_URL + reverse("case", args=[case.pk])


def approval_requested(step: ApprovalStep, *, to: Iterable[User], at: datetime) -> None:
    """Ask the people of an approval step to look at a draft; a step of 閲覧 only informs."""
    version = step.version
    for user in to:
        notify(
            version.case,
            "approval_requested",
            key=f"{step.pk}:{at.isoformat()}",
            to=user.email,
            at=at,
            link=case_page(version.case),
            recipient_name=user.name,
            drafter=version.drafted_by.name,
            label=step.label,
            is_view=step.kind == ApprovalKind.VIEW,
        )


def draft_returned(version: ContractVersion, *, at: datetime) -> None:
    """Tell the drafter why the draft came back."""
    notify(
        version.case,
        "draft_returned",
        key=f"{version.pk}:{at.isoformat()}",
        to=version.drafted_by.email,
        at=at,
        link=case_page(version.case),
        reason=version.return_reason,
    )


def signature_requested(step: SigningStep, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Ask the contractor's authority to sign (R59: 「○○市様 より…への署名依頼が届いています」).

    The mail says that a code comes by another way, from whom and at which telephone; it never holds the code.
    """
    case = step.version.case
    notify(
        case,
        "signature_requested",
        key=f"{step.pk}:{at.isoformat()}",
        to=step.email,
        at=at,
        link=link,
        recipient_name=step.name,
        expires=moment(expires_at),
        level=step.level,
    )


def one_time_code(made: SigningCode, *, code: str, at: datetime) -> None:
    """Send a code to the firm's second address; the link went to the first."""
    step = made.step
    notify(
        step.version.case,
        "one_time_code",
        key=f"{made.pk}",
        to=made.sent_to,
        at=at,
        code=code,
        signer=step.name,
        expires=moment(made.expires_at),
    )


def city_signature_requested(step: SigningStep, *, at: datetime) -> None:
    """Tell the city's signatory that the contractor has signed and it is their turn (R58)."""
    case = step.version.case
    notify(
        case,
        "city_signature_requested",
        key=f"{step.pk}:{at.isoformat()}",
        to=step.email,
        at=at,
        link=settings.BASE_URL + reverse("sign_step", args=[step.pk]),
        recipient_name=step.name,
        contractor_name=case.contractor.name,
    )


def signer_change_asked(change: SignerChange, *, at: datetime) -> None:
    """Tell the department that a signer wishes someone else to sign, and where to answer."""
    version = change.step.version
    staff = {user.email: user for user in (version.drafted_by, version.case.registered_by)}
    for user in staff.values():
        notify(
            version.case,
            "signer_change_asked",
            key=f"{change.pk}",
            to=user.email,
            at=at,
            link=settings.BASE_URL + reverse("signer_change", args=[change.pk]),
            recipient_name=user.name,
            former=change.asked_by,
            successor=f"{change.title} {change.name}",
            reason=change.reason,
        )


def signer_change_refused(change: SignerChange, *, at: datetime) -> None:
    """Tell a signer that they are still the one to sign, and why."""
    notify(
        change.step.version.case,
        "signer_change_refused",
        key=f"{change.pk}",
        to=change.asked_email,
        at=at,
        recipient_name=change.asked_by,
        successor=f"{change.title} {change.name}",
        reason=change.refusal,
    )


def signer_changed(step: SigningStep, *, former: tuple[str, str], at: datetime) -> None:
    """Tell the former signer (name, address) that another person or address was asked, and their link is dead."""
    name, email = former
    notify(
        step.version.case,
        "signer_changed",
        key=f"{step.pk}:{at.isoformat()}",
        to=email,
        at=at,
        recipient_name=name,
        successor=f"{step.title} {step.name}",
    )


def concluded(step: SigningStep, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Send a party 「電子署名完了のお知らせ」 with its download link (R66)."""
    notify(
        step.version.case,
        "concluded",
        key=f"{step.pk}:{at.isoformat()}",
        to=step.receiver,
        at=at,
        link=link,
        recipient_name=step.name,
        expires=moment(expires_at),
        fixed=moment(step.version.fixed_at) if step.version.fixed_at else "",
    )


def declined(version: ContractVersion, *, at: datetime) -> None:
    """Tell the drafter that the contractor declined, and why."""
    _end_notice(version, "declined", to=version.drafted_by.email, at=at)


def recalled(version: ContractVersion, *, at: datetime) -> None:
    """Tell everyone who was asked to sign that the request was taken back."""
    for step in version.steps.filter(requested_at__isnull=False):
        _end_notice(version, "recalled", to=step.email, at=at)


def council_voted(contract: Contract, *, day: date, passed: bool, reason: str, at: datetime) -> None:
    """Tell everyone who signed the 仮契約 whether it has become the contract (本契約成立の通知)."""
    version = contract.versions.get(state=VersionState.CONCLUDED)
    for step in version.steps.filter(kind=StepKind.SIGN):
        notify(
            contract.case,
            "council_passed" if passed else "council_rejected",
            key=f"{contract.pk}:{step.pk}",
            to=step.email,
            at=at,
            recipient_name=step.name,
            vote_date=wareki(day),
            reason=reason,
        )


def expired(version: ContractVersion, *, at: datetime) -> None:
    """Tell the drafter, and everyone who was asked to sign, that the time for it is over."""
    asked = version.steps.filter(requested_at__isnull=False).values_list("email", flat=True)
    for email in {version.drafted_by.email, *asked}:
        _end_notice(version, "expired", to=email, at=at)


def _end_notice(version: ContractVersion, template: str, *, to: str, at: datetime) -> None:
    notify(version.case, template, key=f"{version.pk}:{at.isoformat()}", to=to, at=at, reason=version.end_reason)


def seal_waiting(version: ContractVersion, *, reason: str, at: datetime) -> None:
    """Tell the drafter that a fully signed contract waits for its seal, and why."""
    notify(
        version.case,
        "seal_waiting",
        key=f"{version.pk}",
        to=version.drafted_by.email,
        at=at,
        link=case_page(version.case),
        reason=reason,
    )


def fixed_on_another_day(step: SigningStep, *, late: bool, at: datetime) -> None:
    """Tell the drafter that the contract was fixed on another day than its last signer signed, or after the deadline.

    The city's late policy decides what follows.
    """
    version = step.version
    notify(
        version.case,
        "fixed_on_another_day",
        key=f"{version.pk}",
        to=version.drafted_by.email,
        at=at,
        link=case_page(version.case),
        late=late,
        lateness="契約締結期限を過ぎています" if late else "署名の指示と別の日になりました",
        instructed=moment(step.instructed_at) if step.instructed_at else "",
        fixed=moment(version.fixed_at) if version.fixed_at else "",
    )


def seal_held(
    city: Organization, *, to: str, name: str, contracts: int, since: datetime, reasons: Sequence[str], at: datetime
) -> None:
    """Tell an administrator that the city's sealing is held up, since when, and why."""
    template = "seal_held"
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{at.isoformat()}:{to}",
        to=to,
        template=f"signing/{template}",
        context={
            "recipient_name": name,
            "contracts": contracts,
            "since": moment(since),
            "reasons": list(reasons),
        },
        link=settings.BASE_URL + reverse("case_list"),
        thread="city",
        at=at,
    )


def seals_held(
    city: Organization, *, to: str, cities: int, contracts: int, since: datetime, reasons: Sequence[str], at: datetime
) -> None:
    """Tell an operator how many cities' sealing is held up, of how many contracts, since when, and why."""
    template = "seals_held"
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{at.isoformat()}:{to}",
        to=to,
        template=f"signing/{template}",
        context={"cities": cities, "contracts": contracts, "since": moment(since), "reasons": list(reasons)},
        link=None,
        thread="city",
        at=at,
    )


def records_broken(
    city: Organization, *, to: str, name: str, count: int, told: Sequence[str], mark: str, at: datetime
) -> None:
    """Tell an administrator or operator, once a month for the same findings, what in the records does not hold."""
    template = "records_broken"
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{timezone.localdate(at):%Y-%m}:{mark}:{to}",
        to=to,
        template=f"contracts/{template}",
        context={"recipient_name": name, "count": count, "told": list(told), "more": count - len(told)},
        link=settings.BASE_URL + reverse("record_checks"),
        thread="city",
        at=at,
    )


def morning_report(city: Organization, *, to: str, concerns: Sequence[str], calm: Sequence[str], at: datetime) -> None:
    """Tell an operator, once a day, what to look at over all cities, and what is as it should be."""
    template = "morning_report"
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{timezone.localdate(at)}:{to}",
        to=to,
        template=f"contracts/{template}",
        context={"concern_count": len(concerns), "concerns": list(concerns), "calm": list(calm)},
        link=None,
        thread="city",
        at=at,
    )


def renewal_held(
    city: Organization,
    *,
    to: str,
    name: str,
    documents: int,
    first_end: datetime | None,
    reasons: Sequence[str],
    at: datetime,
) -> None:
    """Tell an administrator or operator, once a month, that the evidence of documents could not be renewed, and why."""
    template = "renewal_held"
    outbox.enqueue(
        tenant=city,
        key=f"{template}:{timezone.localdate(at):%Y-%m}:{to}",
        to=to,
        template=f"signing/{template}",
        context={
            "recipient_name": name,
            "documents": documents,
            "first_end": moment(first_end) if first_end else "",
            "reasons": list(reasons),
        },
        link=settings.BASE_URL + reverse("long_life"),
        thread="city",
        at=at,
    )
