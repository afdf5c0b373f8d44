"""Where a member of staff is signed in, and how that is ended: by themselves, or by the administrator."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from accounts import permissions
from accounts.actors import Actor
from accounts.models import Session, User
from accounts.services import evidence
from accounts.sessions import AGENT, BEGAN, IP, SEEN, row_of

BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Sitting:
    """One browser in which someone is signed in; `mark` names it without telling the key of the session."""

    mark: str
    device: str
    ip: str
    began_at: datetime | None
    seen_at: datetime | None
    is_here: bool


def of(user: User, *, at: datetime, here: str | None = None) -> list[Sitting]:
    """List where a person is signed in, the last used first; `here` is the key of the session that asks."""
    rows = Session.objects.filter(user=user, expire_date__gt=at)
    found = [_shown(row, here=here) for row in rows]
    return sorted(found, key=lambda each: each.seen_at or each.began_at or at, reverse=True)


def _shown(row: Session, *, here: str | None) -> Sitting:
    data = row.get_decoded()
    began, seen = (datetime.fromtimestamp(data[name], UTC) if name in data else None for name in (BEGAN, SEEN))
    device, ip = _device(str(data.get(AGENT, ""))), str(data.get(IP, ""))
    return Sitting(row.pk, device, ip, began, seen, is_here=row.pk == row_of(here))


def _device(agent: str) -> str:
    browser = next((name for sign, name in BROWSERS if sign in agent), "ブラウザー")
    system = next((name for sign, name in SYSTEMS if sign in agent), "端末")
    return f"{browser}（{system}）"


@transaction.atomic
def end(user: User, *, actor: Actor, at: datetime, here: str | None = None, mark: str = "") -> int:
    """Sign a person out of one browser, or of all but the one that asks; return how many.

    People end their own; the administrator ends those of a member.
    """
    if user.pk != actor.user_id:
        permissions.check(permissions.can_administer, actor)
    rows = Session.objects.filter(user=user).exclude(pk=row_of(here))
    ended, _ = (rows.filter(pk=mark) if mark else rows).delete()
    if ended:
        evidence.record(
            "people.signed_out",
            actor=actor,
            at=at,
            thread=evidence.thread_of(user),
            subject=f"user:{user.pk}",
            person=evidence.about(user),
            sessions=ended,
        )
    return ended


def end_for(user: User, *, actor: Actor) -> None:
    """Sign a person out everywhere because somebody else changed what they may do; not the one who changes it."""
    if user.pk != actor.user_id:
        Session.objects.filter(user=user).delete()


def sweep(*, at: datetime) -> None:
    """Drop the sessions that nobody can go on with."""
    Session.objects.filter(expire_date__lt=at).delete()
