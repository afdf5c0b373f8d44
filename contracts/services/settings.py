"""Change what a city has settled for itself: its mayor, its help desk, its limits, the life of its download links."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from audit import journal
from contracts import permissions

SETTLED = (
    "mayor_title",
    "mayor_name",
    "address",
    "help_desk",
    "help_phone",
    "help_hours",
    "help_email",
    "help_form",
    "download_lifetime",
    "max_file_bytes",
    "max_envelope_bytes",
    "accepts_signed",
)


@transaction.atomic
def change(city: Organization, *, actor: Actor, at: datetime, **settled: str | int | timedelta) -> Organization:
    """Settle a city's values; links already sent keep the life they were sent with.

    The log keeps each value before and after. Nothing is written when nothing changes.
    """
    doors.check(permissions.can_administer, actor)
    city = lock(city)
    changed = {name: settled[name] for name in SETTLED if name in settled and settled[name] != getattr(city, name)}
    if not changed:
        return city
    before = {name: getattr(city, name) for name in changed}
    for name, value in changed.items():
        setattr(city, name, value)
    city.save(update_fields=list(changed))
    journal.record(
        "settings.changed",
        tenant_id=city.pk,
        at=at,
        actor_kind=actor.kind,
        actor_name=f"{actor.name} <{actor.email}>",
        ip=actor.ip,
        subject=f"organization:{city.pk}",
        thread="city",
        data={name: {"before": _plain(before[name]), "after": _plain(value)} for name, value in changed.items()},
    )
    return city


def _plain(value: str | int | timedelta) -> str | int:
    return f"{int(value.total_seconds())} s" if isinstance(value, timedelta) else value
