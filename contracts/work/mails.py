"""Mails that did not reach whom the city waits for: until somebody sends them again, nothing happens there."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Role
from contracts import permissions
from contracts.hooks import Waiting, Work
from contracts.models import AccessLink, Consent, Party, Purpose, SigningStep
from contracts.services.mails import losing
from contracts.states import ConsentState, StepState, VersionState
from contracts.work.scope import CASE_OF_STEP, OF_CASE, OF_STEP, own

NO_LINK = "届けたリンクが、取り戻されたか期限切れです"


def _lost_links(actor: Actor, _at: datetime) -> Any:
    """Ask for the newest links of open matters whose mails came back, or never left."""
    rows = losing.lost(AccessLink.objects.visible_to(actor).filter(_tended_by(actor)))
    return rows.select_related(*(f"case__{name}" for name in OF_CASE))


def _tended_by(actor: Actor) -> Any:
    """Keep what its department asked for; guarantees are asked for by those who receive them."""
    asked = own(actor, "case__") if permissions.can_register(actor) else Q(pk__in=[])
    return asked | Q(purpose=Purpose.GUARANTEE) if actor.has(Role.GUARANTEE_OFFICER) else asked


def _lost(link: Any) -> Work:
    note = f"{link.get_purpose_display()}：{link.email}"
    return Work(link.case, "届いていないメールを確かめる", reverse("mail", args=[link.mail]), note)


def _unreached_signers(actor: Actor, at: datetime) -> Any:
    """Ask for the signers who are asked to sign, and hold no link with which they could."""
    steps = SigningStep.objects.visible_to(actor).filter(
        own(actor, f"{CASE_OF_STEP}__"),
        ~Exists(_living(at).filter(step=OuterRef("pk"), purpose=Purpose.SIGN)),
        party=Party.CONTRACTOR,
        state=StepState.REQUESTED,
        version__state=VersionState.SENT,
    )
    return steps.select_related(*OF_STEP)


def _unreached_firms(actor: Actor, at: datetime) -> Any:
    """Ask for the consents that firms are asked for, without a link with which they could answer."""
    consents = Consent.objects.visible_to(actor).filter(
        own(actor, "case__"),
        ~Exists(_living(at).filter(consent=OuterRef("pk"), purpose=Purpose.CONSENT)),
        state__in=[ConsentState.INVITED, ConsentState.RETURNED],
    )
    return consents.select_related(*(f"case__{name}" for name in OF_CASE))


def _living(at: datetime) -> Any:
    return AccessLink.unscoped.filter(revoked_at=None, expires_at__gt=at)


def _unsignable(step: SigningStep) -> Work:
    case = step.version.case
    return Work(case, "署名の依頼を送り直す", reverse("case_mails", args=[case.pk]), f"{step.name} 様：{NO_LINK}")


def _unanswerable(consent: Consent) -> Work:
    address = reverse("case_mails", args=[consent.case_id])
    return Work(consent.case, "承諾書の依頼を送り直す", address, NO_LINK)


KINDS = (
    Waiting(permissions.can_register, _unreached_signers, _unsignable, case=CASE_OF_STEP),
    Waiting(permissions.can_register, _unreached_firms, _unanswerable, case="case"),
    Waiting(permissions.can_tend_mails, _lost_links, _lost, case="case"),
)
