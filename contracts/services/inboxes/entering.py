"""The ways into the inbox of an address: a mailed link, which older ones survive; who came by it is written down."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor, ActorKind
from accounts.models import Organization
from accounts.querysets import lock
from contracts.models import INBOX, AccessLink, Inbox, InboxLink
from contracts.models.links import token_hash
from contracts.services import evidence

LIFETIME = timedelta(days=14)


def of(city: Organization, *, email: str, at: datetime) -> Inbox:
    """Find or make the inbox of an address in a city."""
    inbox, _ = Inbox.unscoped.get_or_create(
        tenant_id=city.pk, mailbox__exact=email.upper(), defaults={"email": email, "made_at": at}
    )
    return inbox  # type: ignore[no-any-return]


def issue_all(city: Organization, *, emails: Collection[str], at: datetime) -> dict[str, str]:
    """Make a link for each of many addresses, in a few statements whatever their number; give them by address."""
    inboxes = _of_all(city, emails=emails, at=at)
    tokens = {email: AccessLink.new_token() for email in emails}
    InboxLink.unscoped.bulk_create(
        InboxLink(
            tenant_id=city.pk,
            inbox=inboxes[email.upper()],
            token_hash=token_hash(token),
            made_at=at,
            expires_at=at + LIFETIME,
        )
        for email, token in tokens.items()
    )
    return {email: f"{settings.BASE_URL}/{city.slug}/{INBOX}/{token}/" for email, token in tokens.items()}


def _of_all(city: Organization, *, emails: Collection[str], at: datetime) -> dict[str, Inbox]:
    """Find or make the inboxes of many addresses, by address in capitals."""
    own = {email.upper(): email for email in emails}
    rows = Inbox.unscoped.filter(tenant_id=city.pk, mailbox__in=list(own))
    found = {inbox.mailbox: inbox for inbox in rows}
    missing = [Inbox(tenant_id=city.pk, email=email, made_at=at) for upper, email in own.items() if upper not in found]
    if missing:
        # 同じ瞬間にほかで作られていたら、それを使う
        Inbox.unscoped.bulk_create(missing, ignore_conflicts=True)
        found = {inbox.mailbox: inbox for inbox in rows.all()}
    return found


def find(token: str) -> InboxLink | None:
    """Find the link of a token among those of the municipality in view; None when there is none."""
    return InboxLink.unscoped.select_related("inbox").filter(token_hash=token_hash(token)).first()  # type: ignore[no-any-return]


def living(link_id: int, *, at: datetime) -> InboxLink | None:
    """Find a living link again that a browser has opened before."""
    link = InboxLink.unscoped.select_related("inbox").filter(pk=link_id).first()
    return link if link is not None and link.is_live(at=at) else None


def opened(inbox_id: int) -> Inbox | None:
    """Find an inbox again that a browser has opened before."""
    return Inbox.unscoped.filter(pk=inbox_id).first()  # type: ignore[no-any-return]


@transaction.atomic
def open_(link: InboxLink, *, actor: Actor, at: datetime) -> InboxLink:
    """Note that a person pressed 「確認する」: every browser that a link lets in stands in the log."""
    link = lock(link, "inbox")
    if link.opened_at is None:
        link.opened_at = at
        link.save(update_fields=["opened_at"])
    record("inbox.opened", link.inbox, actor=actor, at=at, way="メールのリンク", user_agent=actor.user_agent)
    return link


@transaction.atomic
def revoke(inbox: Inbox, *, actor: Actor, at: datetime) -> int:
    """Kill every link into an inbox, because a mail went astray; return how many there were."""
    dead: int = InboxLink.unscoped.filter(inbox=inbox, revoked_at__isnull=True).update(revoked_at=at)
    record("inbox.closed", inbox, actor=actor, at=at, links=dead)
    return dead


def holder(inbox: Inbox, *, ip: str | None, user_agent: str = "") -> Actor:
    """Make the actor of someone who stands in an inbox: no single link is theirs, so no row is visible to them."""
    return Actor(
        kind=ActorKind.CONTRACTOR,
        tenant_id=inbox.tenant_id,
        name=inbox.email,
        email=inbox.email,
        ip=ip,
        purpose=INBOX,
        link_id=0,  # None で尋ねると、リンクの一つもない行が見えてしまう
        user_agent=user_agent,
    )


def record(action: str, inbox: Inbox, *, actor: Actor, at: datetime, **data: object) -> None:
    """Add one event to the thread of an inbox; last in a service."""
    evidence.record_in(f"inbox:{inbox.pk}", action, subject=f"inbox:{inbox.pk}", actor=actor, at=at, **data)
