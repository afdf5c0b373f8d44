"""Mails of a case, and what may befall them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contracts.models import AccessLink
from notifications.models import Delivery, DeliveryState
from tests import factories
from tests.stories import Story, story


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


@pytest.fixture
def browser() -> Client:
    return Client()


def mail_of(template: str, *, to: str = "") -> Delivery:
    """Find the newest mail of a kind, of this app if no other is named."""
    name = template if "/" in template else f"contracts/{template}"
    rows = Delivery.unscoped.filter(template=name, **({"to": to} if to else {}))
    return rows.select_related("tenant").latest("pk")


def link_of(delivery: Delivery) -> AccessLink:
    return AccessLink.unscoped.get(token_hash=delivery.link_hash)


def arrive(delivery: Delivery) -> Delivery:
    """Let a mail have left."""
    return _become(delivery, DeliveryState.SENT, sent_at=timezone.now())


def bounce(delivery: Delivery, *, ago: timedelta = timedelta(0)) -> Delivery:
    """Let a mail come back: there is no such mailbox."""
    at = timezone.now() - ago
    answer = {"at": at.isoformat(), "code": "5.1.1", "text": "宛先のメールアドレスがありません。"}
    return _become(
        delivery,
        DeliveryState.BOUNCED,
        sent_at=at,
        bounced_at=at,
        bounce_code="5.1.1",
        last_error="宛先のメールアドレスがありません。",
        answers=[answer],
    )


def _become(delivery: Delivery, state: DeliveryState, **values: object) -> Delivery:
    gone = {"next_attempt_at": None, "sealed_link": None, "sealed_code": None}
    Delivery.unscoped.filter(pk=delivery.pk).update(state=state, **gone, **values)
    delivery.refresh_from_db()
    return delivery


def another_firm(told: Story, **values: str) -> factories.Contractor:
    return factories.contractor(told.tenant, **values)
