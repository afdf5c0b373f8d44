"""The way in for correspondents: a link to the address on the books, asked for by anyone, sent to nobody else."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actors import Actor, ActorKind, system
from accounts.models import Organization
from accounts.querysets import lock
from guarantees.issuing import messages
from guarantees.issuing.services.correspondents import record, token_hash
from guarantees.models.issuing import Correspondent, EntryLink, Side

LIFETIME = timedelta(days=14)
# 同じ宛先へ続けて送らない間隔。だれでも頼めるので、受け取る人の迷惑にならないようにする
PAUSE = timedelta(minutes=5)
KINDS = {Side.APPLICANT: ActorKind.CONTRACTOR, Side.ORDERER: ActorKind.ORDERER}


def make(correspondent: Correspondent, *, at: datetime) -> str:
    """Make a link for a correspondent and return its address; it lives for LIFETIME beside the older ones."""
    token = secrets.token_urlsafe(32)
    EntryLink.unscoped.create(
        tenant_id=correspondent.tenant_id,
        correspondent=correspondent,
        token_hash=token_hash(token),
        made_at=at,
        expires_at=at + LIFETIME,
    )
    slug = correspondent.tenant.slug
    return settings.BASE_URL + reverse("issuing_landing", kwargs={"guarantor": slug, "token": token})


@transaction.atomic
def ask(guarantor: Organization, *, at: datetime, email: str) -> None:
    """Mail their link to the correspondents with an address; what the asker sees never tells whether there are any."""
    known = Correspondent.unscoped.filter(tenant=guarantor, email__iexact=email.strip())
    for correspondent in known.select_related("tenant").order_by("pk"):
        if not correspondent.links.filter(made_at__gt=at - PAUSE).exists():
            send(correspondent, actor=system(guarantor.pk), at=at)


@transaction.atomic
def send(correspondent: Correspondent, *, actor: Actor, at: datetime) -> None:
    """Mail a correspondent a fresh link."""
    link = make(correspondent, at=at)
    messages.entry(correspondent, link=link, expires_at=at + LIFETIME, at=at)
    record("issuing.link_sent", correspondent, actor=actor, at=at, to=correspondent.email)


def find(token: str, *, at: datetime) -> EntryLink | None:
    """Find the living link of a token with the guarantor in view; None when there is none."""
    return _living(EntryLink.unscoped.filter(token_hash=token_hash(token)).first(), at=at)


def opened(link_id: int, *, side: Side, at: datetime) -> EntryLink | None:
    """Find a living link again that a browser has opened before, of someone on that side."""
    rows = EntryLink.unscoped.filter(pk=link_id, correspondent__side=side)
    return _living(rows.select_related("correspondent__tenant").first(), at=at)


def _living(link: EntryLink | None, *, at: datetime) -> EntryLink | None:
    return link if link is not None and link.is_live(at=at) else None


@transaction.atomic
def open_(link: EntryLink, *, actor: Actor, at: datetime) -> None:
    """Note that a person pressed 「確認する」: every browser that a link lets in stands in the log."""
    link = lock(link, "correspondent")
    if link.opened_at is None:
        link.opened_at = at
        link.save(update_fields=["opened_at"])
    record("issuing.link_opened", link.correspondent, actor=actor, at=at, user_agent=actor.user_agent)


def holder(link: EntryLink, *, ip: str | None, user_agent: str = "") -> Actor:
    """Make the actor of someone who came by a link."""
    return visitor(link.correspondent, ip=ip, user_agent=user_agent, link_id=link.pk)


def visitor(correspondent: Correspondent, *, ip: str | None, user_agent: str, link_id: int | None = None) -> Actor:
    """Make the actor of a correspondent, or of its system."""
    return Actor(
        kind=KINDS[Side(correspondent.side)],
        tenant_id=correspondent.tenant_id,
        name=correspondent.name,
        email=correspondent.email,
        ip=ip,
        link_id=link_id,
        user_agent=user_agent,
    )
