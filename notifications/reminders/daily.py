"""The day of the reminders: each house has its morning, one after the other, whenever the beat finds its time past."""

from datetime import datetime

from django.utils import timezone

from accounts.models import Organization
from accounts.querysets import lock
from accounts.tenancy import acting_for
from notifications.models import MailPolicy
from notifications.reminders import mornings
from notifications.reminders.sweeping import sweep


def hold(*, tenant_id: int, at: datetime) -> bool:
    """Hold the morning of a house whose time has come, and set the next; False when it is another's already.

    A house that never had one only gets its first set. What comes at night or in the evening waits for the morning.
    """
    with acting_for(tenant_id):
        house = Organization.objects.get(pk=tenant_id)
        policy = lock(MailPolicy.unscoped.get_or_create(tenant=house)[0])
        if policy.remind_at is not None and policy.remind_at > at:
            return False
        if policy.remind_at is not None and mornings.is_on(policy, at=at):
            sweep(house, on=timezone.localdate(at), at=at)
        policy.remind_at = mornings.following(policy, at=at, is_open=mornings.opening(house))
        policy.save(update_fields=["remind_at"])
    return True
