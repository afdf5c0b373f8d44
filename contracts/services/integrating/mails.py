"""Who is told when another system of the city can no longer be told anything."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.models import Organization, Role
from contracts.messages import moment
from contracts.models import Webhook
from notifications import outbox


def stopped(hook: Webhook, *, at: datetime) -> None:
    """Tell the city's administrators that messages to an address were stopped, and why."""
    city = Organization.objects.get(pk=hook.tenant_id)
    for chief in roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at)):
        outbox.enqueue(
            tenant=city,
            key=f"webhook_stopped:{hook.pk}:{at.isoformat()}:{chief.email}",
            to=chief.email,
            template="contracts/webhook_stopped",
            context={
                "recipient_name": chief.name,
                "system": hook.name,
                "because": hook.stopped_because,
                "since": moment(hook.failing_since) if hook.failing_since else "",
            },
            link=settings.BASE_URL + reverse("webhook", args=[hook.pk]),
            thread="city",
            at=at,
        )
