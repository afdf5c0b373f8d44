"""What waits for an address in a city, and what it keeps there."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import F, Q, When

from accounts.actors import Actor
from contracts import permissions
from contracts.models import AccessLink, Inbox, KeptContract, Purpose, SigningStep
from contracts.services import evidence, links
from contracts.states import ConsentState, StepState

# links.waits を問い合わせにしたもの。控え（standing）は、待つ用件ではない
WAITING = (
    Q(purpose=Purpose.SIGN, step__state=StepState.REQUESTED)
    | Q(purpose=Purpose.CONSENT, consent__state__in=[ConsentState.INVITED, ConsentState.RETURNED])
    | Q(
        purpose=Purpose.ADDRESS,
        consent__state__in=[ConsentState.SUBMITTED, ConsentState.ACCEPTED],
        consent__authority_email=F("email"),
    )
    | Q(purpose=Purpose.GUARANTEE)
)


def waiting(inbox: Inbox, *, at: datetime) -> Any:
    """List the living links of an address whose matter is still to be done, the nearest deadline first.

    The deadline of the contract binds what leads to it; a guarantee follows the contract.
    """
    by = When(~Q(purpose=Purpose.GUARANTEE), then=F("case__conclusion_deadline_date"))
    ordered = _living(inbox, at=at).filter(WAITING).annotate(due=Choose(by))
    return ordered.order_by(F("due").asc(nulls_last=True), "expires_at", "pk")


def all_of(inbox: Inbox, *, at: datetime) -> Any:
    """List what waits for an address together with its downloads, the nearest deadline first."""
    by = When(~Q(purpose__in=[Purpose.GUARANTEE, Purpose.DOWNLOAD]), then=F("case__conclusion_deadline_date"))
    found = _living(inbox, at=at).filter(WAITING | Q(purpose=Purpose.DOWNLOAD)).annotate(due=Choose(by))
    return found.order_by(F("due").asc(nulls_last=True), "expires_at", "pk")


def handed(inbox: Inbox, *, at: datetime) -> Any:
    """List the living download links of an address, the first to run out first."""
    return _living(inbox, at=at).filter(purpose=Purpose.DOWNLOAD).order_by("expires_at", "pk")


def kept(inbox: Inbox) -> Any:
    """List the contracts that an inbox keeps, the newest first; none whose receiver was corrected to another since."""
    own = Q(step__handed_email__iexact=inbox.email) | Q(step__handed_email="", step__email__iexact=inbox.email)
    rows = KeptContract.unscoped.filter(own, inbox=inbox).select_related("step__version__contract__case__tenant")
    return rows.order_by("-kept_at", "-pk")


def _living(inbox: Inbox, *, at: datetime) -> Any:
    rows = AccessLink.unscoped.filter(tenant_id=inbox.tenant_id, mailbox=inbox.mailbox, revoked_at__isnull=True)
    return rows.filter(expires_at__gt=at).select_related("case__department", "step", "consent", "tenant")


def link_of(inbox: Inbox, *, link_id: int, at: datetime) -> AccessLink | None:
    """Find one of the living links of an address again, with what its page needs."""
    link = links.find_of(inbox.email, link_id=link_id)
    return link if link is not None and links.waits(link, at=at) else None


@transaction.atomic
def keep(step: SigningStep, *, inbox: Inbox, actor: Actor, at: datetime) -> KeptContract:
    """Put a concluded contract into the inbox of the party that received it (R67); twice is once.

    Raises PermissionDenied before the contract is concluded.
    """
    if not permissions.can_download(actor, step.version):
        raise PermissionDenied("締結前の文書は保管できません。")
    kept, is_new = KeptContract.unscoped.get_or_create(
        tenant_id=inbox.tenant_id, inbox=inbox, step=step, defaults={"kept_at": at}
    )
    if is_new:
        evidence.record("contract.kept", step.version.case, subject=f"step:{step.pk}", actor=actor, at=at)
    return kept  # type: ignore[no-any-return]


def is_kept(step: SigningStep, *, email: str) -> bool:
    """Tell whether the inbox of an address keeps the contract of a step."""
    return KeptContract.unscoped.filter(step=step, inbox__mailbox=email.upper()).exists()  # type: ignore[no-any-return]


@transaction.atomic
def take_out(kept: KeptContract, *, at: datetime) -> AccessLink:
    """Give a download link for a kept contract to the browser at hand: the living one, or a new one nobody is sent."""
    step = kept.step
    found = handed(kept.inbox, at=at).filter(step=step).last()
    if found is not None:
        return found  # type: ignore[no-any-return]
    link, _ = links.make(
        purpose=Purpose.DOWNLOAD,
        case=step.version.case,
        step=step,
        name=step.name,
        email=kept.inbox.email,
        at=at,
        expires_at=at + step.version.case.tenant.download_lifetime,
    )
    return link
