"""What a city should look after: mails that did not arrive, and concluded documents that nobody has fetched (R71)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.actors import Actor
from contracts.models import AccessLink, KeptContract, Party, Purpose, SigningStep
from contracts.services.mails.reading import LOST
from contracts.states import VersionState
from notifications.models import WAITING, Delivery

# リンクのない知らせの不達は、送り直して片付けることができないので、しばらく見せて、後は案件の画面に残す
SHOWN_FOR = timedelta(days=30)


def lost(actor: Actor, *, at: datetime) -> Any:
    """List the mails that did not arrive and that nobody has sent again or put right; not yet asked of the database."""
    links = AccessLink.unscoped.filter(token_hash=OuterRef("link_hash"))
    living = Exists(links.filter(revoked_at__isnull=True))
    without = Q(link_hash="") | ~Exists(links)
    rows = Delivery.objects.visible_to(actor).filter(state__in=LOST)
    return rows.filter(living | without & Q(created_at__gte=at - SHOWN_FOR))


def waiting(actor: Actor) -> Any:
    """List the mails that have not left yet."""
    return Delivery.objects.visible_to(actor).filter(state__in=WAITING, next_attempt_at__isnull=False)


def not_downloaded(actor: Actor) -> Any:
    """List the firms' steps of concluded versions whose documents nobody fetched, what ends first on top.

    Each has `expires_at` of its living link (None: there is none) and `is_kept`, whether its inbox keeps them.
    """
    links = AccessLink.objects.visible_to(actor).filter(
        step=OuterRef("pk"), purpose=Purpose.DOWNLOAD, revoked_at__isnull=True
    )
    rows = SigningStep.objects.visible_to(actor).filter(
        party=Party.CONTRACTOR, downloaded_at__isnull=True, version__state=VersionState.CONCLUDED
    )
    rows = rows.annotate(
        expires_at=Subquery(links.order_by("-pk").values("expires_at")[:1]),
        is_kept=Exists(KeptContract.objects.visible_to(actor).filter(step=OuterRef("pk"))),
    )
    related = ("version__contract__case", "contractor")
    return rows.select_related(*related).order_by("version__concluded_at", "pk")
