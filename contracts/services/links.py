"""Issue, find and revoke the links that mails carry."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.actors import Actor, ActorKind
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts.models import AccessLink, Case, Consent, ContractVersion, Purpose, SigningStep
from contracts.models.links import token_hash
from contracts.services import evidence
from contracts.states import ConsentState, StepState
from notifications import outbox

# 承諾書の依頼のリンクが生きる長さ。署名のリンクは、その版の署名の期限まで生きる。
LIFETIME = timedelta(days=14)
# 承諾の控えと撤回の画面は、契約の手続きの間、読めるようにする
STANDING_LIFETIME = timedelta(days=180)
GUARANTEE_LIFETIME = timedelta(days=60)
DEAD = "載せたリンクが使えなくなったため、送りませんでした。"


class LinkDied(Refusal):
    """The link died between its landing page and the button."""


def issue(
    *,
    purpose: Purpose,
    case: Case,
    name: str,
    email: str,
    at: datetime,
    expires_at: datetime,
    step: SigningStep | None = None,
    consent: Consent | None = None,
) -> str:
    """Make a link for one purpose and return its address; older links of the same purpose and person die."""
    _kill(AccessLink.unscoped.filter(case=case, purpose=purpose, email=email, step=step, consent=consent), at=at)
    _, token = make(
        purpose=purpose, case=case, name=name, email=email, at=at, expires_at=expires_at, step=step, consent=consent
    )
    return f"{settings.BASE_URL}/{case.tenant.slug}/{purpose}/{token}/"


def make(
    *,
    purpose: Purpose,
    case: Case,
    name: str,
    email: str,
    at: datetime,
    expires_at: datetime,
    step: SigningStep | None = None,
    consent: Consent | None = None,
) -> tuple[AccessLink, str]:
    """Make a link beside the older ones, and return it with its token, which nobody can read from it again."""
    token = AccessLink.new_token()
    link = AccessLink.unscoped.create(
        tenant_id=case.tenant_id,
        purpose=purpose,
        token_hash=token_hash(token),
        case=case,
        step=step,
        consent=consent,
        name=name,
        email=email,
        made_at=at,
        expires_at=expires_at,
    )
    return link, token


def find(token: str, *, purpose: str) -> AccessLink | None:
    """Find the link of a token among those of the municipality in view; None when there is none."""
    return _links().filter(token_hash=token_hash(token), purpose=purpose).first()  # type: ignore[no-any-return]


def opened(link_id: int, *, purpose: str) -> AccessLink | None:
    """Find a link again that a browser has opened before."""
    return _links().filter(pk=link_id, purpose=purpose).first()  # type: ignore[no-any-return]


def find_of(email: str, *, link_id: int) -> AccessLink | None:
    """Find a link that was made out to an address; capital and small letters are the same mailbox."""
    return _links().filter(pk=link_id, email__iexact=email).first()  # type: ignore[no-any-return]


def addresses(link_ids: Iterable[int]) -> list[str]:
    """List the addresses to which some links were made out, each once."""
    found = AccessLink.unscoped.filter(pk__in=list(link_ids)).order_by("email")
    return list(found.values_list("email", flat=True).distinct())


def _links() -> Any:
    return AccessLink.unscoped.select_related(
        "case__contractor", "case__department", "case__rule_set", "step__version", "consent", "tenant"
    )


def waits(link: AccessLink, *, at: datetime) -> bool:
    """Tell whether the link is alive and what it was sent for is still to be done."""
    if not link.is_live(at=at):
        return False
    if link.purpose == Purpose.CONSENT:
        return link.consent is not None and link.consent.state in {ConsentState.INVITED, ConsentState.RETURNED}
    if link.purpose == Purpose.ADDRESS:
        asked = link.consent
        open_ = {ConsentState.SUBMITTED, ConsentState.ACCEPTED}
        return asked is not None and asked.state in open_ and asked.authority_email == link.email
    if link.purpose == Purpose.SIGN:
        return link.step is not None and link.step.state == StepState.REQUESTED
    return True


@transaction.atomic
def open_(link: AccessLink, *, actor: Actor, at: datetime, way: str = "") -> AccessLink:
    """Note that a person pressed 「確認する」: every browser that a link lets in stands in the log (T13).

    `way` says how they came when not by the mail of this link itself. Raises LinkDied when the link was taken back
    or replaced since its landing page was shown.
    """
    if link.step is not None:
        # 署名や取下げと同じ順（署名の順番、リンク、操作ログ）に錠をかける。逆に取ると、互いに待って行き詰まる。
        lock(link.step)
    link = lock(link)
    if not link.is_live(at=at):
        raise LinkDied("このリンクは使えなくなりました。新しいメールが届いていないか、依頼元にご確認ください。")
    if link.opened_at is None:
        link.opened_at = at
        link.save(update_fields=["opened_at"])
    evidence.record(
        "link.opened",
        link.case,
        subject=f"link:{link.pk}",
        actor=actor,
        at=at,
        purpose=link.purpose,
        user_agent=actor.user_agent,
        **({"way": way} if way else {}),
    )
    return link


def stop(link: AccessLink, *, actor: Actor, at: datetime) -> None:
    """Note that someone who is signed in as another person tried to use a link, and was stopped."""
    evidence.record("link.stopped", link.case, subject=f"link:{link.pk}", actor=actor, at=at, purpose=link.purpose)


def holder(link: AccessLink, *, ip: str | None, user_agent: str = "") -> Actor:
    """Make the actor of someone who came by a link."""
    return Actor(
        kind=ActorKind.CONTRACTOR,
        tenant_id=link.tenant_id,
        name=link.name,
        email=link.email,
        ip=ip,
        purpose=link.purpose,
        link_id=link.pk,
        user_agent=user_agent,
    )


def revoke_of_step(step: SigningStep, *, at: datetime, purpose: Purpose = Purpose.SIGN) -> None:
    """Kill the links of a step for a purpose: those by which anyone could sign, if no other is named."""
    _kill(AccessLink.unscoped.filter(step=step, purpose=purpose), at=at)


def revoke_of_version(version: ContractVersion, *, at: datetime) -> None:
    """Kill every link to the steps of a version."""
    _kill(AccessLink.unscoped.filter(step__version=version), at=at)


def revoke_of_case(case: Case, *, at: datetime) -> None:
    """Kill every link about a case: what they led to is there no more."""
    _kill(AccessLink.unscoped.filter(case=case), at=at)


# 承諾について答えを求める用件。控え（standing）は、答えの後も読める
ASKING = (Purpose.CONSENT, Purpose.ADDRESS)


def revoke_of_consent(consent: Consent, *, at: datetime, purposes: Iterable[Purpose] = ASKING) -> None:
    """Kill the links about a consent; without purposes, those that ask for an answer about it."""
    _kill(AccessLink.unscoped.filter(consent=consent, purpose__in=list(purposes)), at=at)


def invited(consent: Consent) -> list[str]:
    """List the addresses to which the request for a consent was ever sent."""
    sent = AccessLink.unscoped.filter(consent=consent, purpose=Purpose.CONSENT).order_by("pk")
    return list(dict.fromkeys(sent.values_list("email", flat=True)))


def revoke(case: Case, *, purposes: set[Purpose], at: datetime) -> None:
    """Kill the links of a case for some purposes."""
    _kill(AccessLink.unscoped.filter(case=case, purpose__in=purposes), at=at)


def _kill(links: "QuerySet[AccessLink]", *, at: datetime) -> None:
    """Kill those of some links that live, and cancel the mails that still wait to carry them."""
    living = dict(links.filter(revoked_at__isnull=True).values_list("token_hash", "tenant_id"))
    if not living:
        return
    AccessLink.unscoped.filter(token_hash__in=list(living)).update(revoked_at=at)
    outbox.cancel_links(tenant_id=min(living.values()), hashes=list(living), at=at, reason=DEAD)
