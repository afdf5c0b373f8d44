"""Matters that wait for somebody whom the mail did not reach."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from contracts.models import AccessLink, Purpose
from contracts.services.inboxes.matters import WAITING
from contracts.services.mails.reading import LOST
from notifications.models import Delivery

UNTAKEN = Q(purpose=Purpose.DOWNLOAD, step__downloaded_at__isnull=True)
IN_A_WORD = "届いていないメールがあります。"


def lost(links: Any) -> Any:
    """Keep the newest links of open matters whose mails came back, or never left; `mail` is the pk of the mail."""
    mails = Delivery.unscoped.filter(tenant=OuterRef("tenant"), link_hash=OuterRef("token_hash"), state__in=LOST)
    waiting = links.filter(WAITING | UNTAKEN, revoked_at=None)
    return waiting.filter(Exists(mails), ~Exists(_newer())).annotate(mail=Subquery(mails.values("pk")[:1]))


def cases_of(tenant_id: int, *, among: Collection[int]) -> set[int]:
    """Tell which of these cases wait for somebody whom the mail did not reach; one question for all."""
    links = AccessLink.unscoped.filter(tenant_id=tenant_id, case__in=among)
    return set(lost(links).values_list("case_id", flat=True)) if among else set()


def _newer() -> Any:
    """Ask for links that took the place of another: of the same purpose, for the same step, consent or case."""
    same = Q(step=OuterRef("step")) | Q(consent=OuterRef("consent")) | Q(step=None, consent=None)
    later = AccessLink.unscoped.filter(pk__gt=OuterRef("pk"), case=OuterRef("case"), purpose=OuterRef("purpose"))
    return later.filter(same)
