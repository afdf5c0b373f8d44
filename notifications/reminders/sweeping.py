"""The sweep of a morning: what is due to whom, one digest each, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts import actors, doorbell
from accounts.models import Organization
from accounts.querysets import lock
from audit import journal
from notifications import outbox, tasks
from notifications.models import Delivery, MailPolicy, Reminder
from notifications.reminders import mornings, registry
from notifications.reminders.planning import due, sending_day, told_on
from notifications.reminders.registry import Asking, Item, Way
from vault import fields


@dataclass(frozen=True)
class Due:
    """An item on the morning that tells it, and the planned day that it tells."""

    item: Item
    planned: date


@dataclass(frozen=True)
class Morning:
    """What a morning tells: the items of each address, and those whom nobody can write to."""

    on: date
    letters: dict[str, list[Due]] = field(default_factory=dict)
    unreachable: list[Due] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.letters.values()))


def plan(city: Organization, *, on: date, at: datetime, only_that_day: bool = False) -> Morning:
    """Work out what the morning of a day (JST) tells, at a moment; nothing on a closed day. Writes nothing.

    `only_that_day` leaves out what an earlier morning should have told: so it is for days to come.
    """
    is_open = mornings.opening(city)
    if not is_open(on):
        return Morning(on)
    asking = Asking(city, on, planned=told_on(on, on, is_open=is_open))
    told, found = told_already(asking), []
    for item in registry.find(asking):
        day = due(item.planned, on=on, shift=item.shift, is_open=is_open)
        if day and item.holds(at=at) and (*item.key, day) not in told:
            found.append(Due(item, day))
    if only_that_day:
        found = [each for each in found if sending_day(each.planned, shift=each.item.shift, is_open=is_open) == on]
    return _without_those_told(city, _addressed(on, found))


def _without_those_told(city: Organization, morning: Morning) -> Morning:
    """Leave out who has had the digest of that day already; what is new waits for the next morning."""
    keys = {key_of(morning.on, to): to for to in morning.letters}
    for key in Delivery.unscoped.filter(tenant=city, key__in=keys).values_list("key", flat=True):
        del morning.letters[keys[key]]
    return morning


def told_already(asking: Asking) -> set[tuple[str, str, str, date]]:
    """Read what was told of the planned days that are asked about: rule, subject, address and planned day."""
    rows = Reminder.unscoped.filter(tenant=asking.city, planned__range=asking.planned)
    return set(rows.values_list("rule", "subject", "to", "planned"))


def _addressed(on: date, found: Iterable[Due]) -> Morning:
    morning = Morning(on)
    for each in found:
        if each.item.to:
            morning.letters.setdefault(each.item.to, []).append(each)
        else:
            morning.unreachable.append(each)
    return morning


@transaction.atomic
def sweep(city: Organization, *, on: date, at: datetime, only_that_day: bool = False) -> Morning:
    """Queue the digests of a morning in the municipality in view: one mail per address, each thing once.

    Whoever has had the digest of that day already hears nothing more on it; what is new waits for the next morning.
    """
    MailPolicy.unscoped.get_or_create(tenant=city)
    lock(MailPolicy.unscoped.get(tenant=city))  # 同時に二つの巡回が同じ朝を始めても、一つずつ
    morning = plan(city, on=on, at=at, only_that_day=only_that_day)
    if morning.letters:
        _write(city, morning, at=at)
    return morning


def key_of(on: date, to: str) -> str:
    """Name the digest of one address on one day."""
    return f"morning:{on.isoformat()}:{to}"


def _write(city: Organization, morning: Morning, *, at: datetime) -> None:
    """Write the mails and what they told, whatever their number, in a few statements."""
    ways, seal = _ways(city, morning, at=at), fields.sealer(city.pk)
    mails = [
        _drafted(city, morning.on, to, dues, way=ways[to], seal=seal, at=at) for to, dues in morning.letters.items()
    ]
    Delivery.unscoped.bulk_create(mails)
    Reminder.unscoped.bulk_create(
        Reminder(
            tenant=city,
            rule=each.item.rule,
            subject=each.item.subject,
            planned=each.planned,
            to=each.item.to,
            delivery=mail,
            thread=each.item.thread,
        )
        for mail in mails
        for each in morning.letters[mail.to]
    )
    doorbell.ring(tasks.deliver)
    _record(city, morning, at=at)


def _ways(city: Organization, morning: Morning, *, at: datetime) -> dict[str, Way]:
    items = {to: [each.item for each in dues] for to, dues in morning.letters.items()}
    found: dict[str, Way] = {}
    for template, digest in registry.digests.items():
        of_this = {to: each for to, each in items.items() if digest_of(each) == template}
        found |= digest.ways(city, letters=of_this, at=at) if of_this else {}
    return found


def digest_of(items: Sequence[Item]) -> str:
    """Name the one mail for all that an address is told: staff who are also a firm's address read it as staff."""
    return max((item.digest for item in items), key=list(registry.digests).index)


def _drafted(
    city: Organization, on: date, to: str, dues: Sequence[Due], *, way: Way, seal: fields.Sealer, at: datetime
) -> Delivery:
    items = [each.item for each in dues]
    template = digest_of(items)
    return outbox.drafted(
        tenant=city,
        key=key_of(on, to),
        to=to,
        template=template,
        context={**registry.digests[template].context(city, items=items, on=on), **way.words},
        link=way.link,
        thread=f"morning:{on.isoformat()}",
        at=at,
        seal=seal,
    )


def _record(city: Organization, morning: Morning, *, at: datetime) -> None:
    actor = actors.system(city.pk)
    journal.record(
        "reminders.queued",
        tenant_id=city.pk,
        at=at,
        actor_kind=actor.kind,
        actor_name=actor.name,
        ip=None,
        subject=f"morning:{morning.on.isoformat()}",
        thread="city",
        data={
            "on": morning.on.isoformat(),
            "mails": len(morning.letters),
            "reminders": morning.count,
            "unreachable": sorted({each.item.name for each in morning.unreachable}),
        },
    )
