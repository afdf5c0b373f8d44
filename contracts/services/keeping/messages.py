"""Who is told what about disposals, filling the outbox in the transaction that decides."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from contracts.dates import wareki
from contracts.models import Disposal
from notifications import outbox


def disposal_requested(disposal: Disposal, *, to: Iterable[User], count: int, at: datetime) -> None:
    """Ask those who may approve a list of `count` contracts to look at it, each once."""
    template = "disposal_requested"
    for user in to:
        outbox.enqueue(
            tenant=disposal.tenant,
            key=f"{template}:{disposal.pk}:{user.email}",
            to=user.email,
            template=f"contracts/{template}",
            context={
                "recipient_name": user.name,
                "drafter": disposal.made_by.name,
                "custodies": count,
                "up_to": wareki(disposal.up_to_date),
            },
            link=settings.BASE_URL + reverse("disposal", args=[disposal.pk]),
            thread="disposals",
            at=at,
        )
