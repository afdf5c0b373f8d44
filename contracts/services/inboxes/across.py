"""One inbox over all cities (idea 5): the inboxes of an address that its reader agreed to see side by side.

Each city is asked in a transaction of its own, which sees that city and no other. One that fails, or is slow, is left
out and named; the others are shown.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from accounts.querysets import lock
from contracts.models import Inbox
from contracts.services.inboxes import codes, entering, messages

logger = logging.getLogger(__name__)
T = TypeVar("T")
# 一つの市を待つ長さ（ミリ秒）
PATIENCE = 2000
WHO = """
    select o.* from contracts_who_writes_to(%s) with ordinality w(tenant_id, place)
    join accounts_organization o on o.id = w.tenant_id where o.kind <> 'former' order by w.place
"""
WAY = "すべての市町村の窓口"


def cities(email: str) -> list[Organization]:
    """List the cities that ever wrote to an address, the one that wrote last first."""
    return list(Organization.objects.raw(WHO, [email]))


def ask(asked: Iterable[Organization], question: Callable[[Organization], T]) -> list[tuple[Organization, T | None]]:
    """Put a question to cities, one after the other; None for one that fails or takes longer than PATIENCE.

    The question must read all it needs: afterwards, the city is out of view again.
    """
    answers = [(city, _answer(city, question)) for city in asked]
    tenancy.forget()
    return answers


def _answer(city: Organization, question: Callable[[Organization], T]) -> T | None:
    try:
        with transaction.atomic():
            tenancy.set_tenant_hurried(city.pk, patience=PATIENCE)
            return question(city)
    except Exception:  # 一つの市の不調は、何種類もの例外になる。どれも、ほかの市の頁を止めない
        logger.exception("%s does not answer to the inbox over all cities", city.slug)
        return None


def send_code(*, email: str, at: datetime, ip: str | None) -> Organization | None:
    """Mail a code that proves an address, in the name of the city that wrote to it last; return who takes the answer.

    Where that city cannot, the next one does. Whether an address is known is told nobody: for an unknown one some city
    does the same work, and mails nothing.
    """

    def sent(city: Organization) -> bool:
        codes.send_to_enter(city, email=email, at=at, ip=ip, mail=messages.everywhere_code)
        return True

    anyone = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk")[:1]
    return next((city for city in cities(email) or anyone if ask([city], sent) == [(city, True)]), None)


def prove(city: Organization, *, email: str, at: datetime, ip: str | None, code: str) -> bool:
    """Try a code at the city that sent it; where it is right, every joined city writes down that somebody came."""
    with tenancy.acting_for(city.pk):
        if not codes.prove_address(city, email=email, at=at, ip=ip, code=code):
            return False
    ask(_in_order(cities(email)), lambda each: _note_opened(each, email=email, at=at, ip=ip))
    return True


def _note_opened(city: Organization, *, email: str, at: datetime, ip: str | None) -> None:
    if (inbox := joined(city, email=email)) is not None:
        entering.record("inbox.opened", inbox, actor=entering.holder(inbox, ip=ip), at=at, way=WAY)


def joined(city: Organization, *, email: str) -> Inbox | None:
    """Find the inbox of an address in the city in view, if it was joined to those of other cities."""
    rows = Inbox.unscoped.filter(tenant_id=city.pk, mailbox=email.upper(), joined_at__isnull=False)
    return rows.first()  # type: ignore[no-any-return]


def shows(inbox: Inbox, *, email: str) -> bool:
    """Tell whether an inbox is open to whoever has proved an address for all cities."""
    return inbox.joined_at is not None and inbox.mailbox == email.upper()


def join(asked: Iterable[Organization], *, email: str, at: datetime, ip: str | None) -> list[Organization]:
    """Show the inboxes of an address in some cities side by side from now on; return the cities that did not answer."""
    return _moved(asked, email=email, at=at, ip=ip, since=at)


def part(asked: Iterable[Organization], *, email: str, at: datetime, ip: str | None) -> list[Organization]:
    """Leave the inboxes of an address in some cities alone again; return the cities that did not answer."""
    return _moved(asked, email=email, at=at, ip=ip, since=None)


def _moved(
    asked: Iterable[Organization], *, email: str, at: datetime, ip: str | None, since: datetime | None
) -> list[Organization]:
    answers = ask(_in_order(asked), lambda city: _move(city, email=email, at=at, ip=ip, since=since))
    return [city for city, answer in answers if answer is None]


def _move(city: Organization, *, email: str, at: datetime, ip: str | None, since: datetime | None) -> bool:
    inbox = lock(entering.of(city, email=email, at=at))
    if (inbox.joined_at is None) == (since is None):
        return True
    inbox.joined_at = since
    inbox.save(update_fields=["joined_at"])
    action = "inbox.joined" if since else "inbox.parted"
    entering.record(action, inbox, actor=entering.holder(inbox, ip=ip), at=at)
    return True


def _in_order(asked: Iterable[Organization]) -> list[Organization]:
    """Put cities in the order in which their journals are locked, so that two who ask for the same never hang."""
    return sorted(asked, key=lambda city: city.pk)
