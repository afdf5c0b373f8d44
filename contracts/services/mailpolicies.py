"""Settle in whose name a city writes its mails, and at which hours."""

from datetime import datetime, time

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from contracts import permissions
from contracts.services import evidence
from contracts.services.editing import check_edit, put
from notifications.models import MailPolicy
from notifications.reminders import mornings


@transaction.atomic
def change(city: Organization, *, edit_number: int, actor: Actor, at: datetime, **settled: str | time) -> MailPolicy:
    """Settle sender and hours for the mails that have not left yet; the next morning follows the new hour.

    The log keeps each value before and after. Raises Overtaken when someone saved after `edit_number`.
    """
    doors.check(permissions.can_administer, actor)
    policy: MailPolicy = lock(MailPolicy.unscoped.get_or_create(tenant=city)[0])
    check_edit(policy, edit_number=edit_number)
    changes = put(policy, settled)
    if changes:
        policy.edit_number += 1
        policy.remind_at = mornings.following(policy, at=at, is_open=mornings.opening(city))
        policy.save(update_fields=[*changes, "edit_number", "remind_at"])
        evidence.record_in("city", "mail.settled", subject=f"organization:{city.pk}", actor=actor, at=at, **changes)
    return policy
