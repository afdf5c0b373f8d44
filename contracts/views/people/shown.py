"""What the pages about people share: who asks, who is asked about, and where a term stands today."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.shortcuts import get_object_or_404

from accounts.models import Membership, User
from accounts.requests import ActorRequest


def oneself(request: ActorRequest) -> User:
    """Return the member of staff who asks."""
    return cast(User, request.user)


@dataclass(frozen=True)
class Stage:
    """Where a span of days stands today."""

    label: str
    tone: str


COMING, CURRENT, PAST = Stage("これから", "info"), Stage("いま", "success"), Stage("終了", "neutral")


def stage(first: date | None, last: date | None, *, today: date) -> Stage:
    """Say whether a span is still to come, running or over; both its ends count."""
    if first is not None and today < first:
        return COMING
    return PAST if last is not None and last < today else CURRENT


@dataclass(frozen=True)
class HeldRole:
    """A role with where its term stands today."""

    membership: Membership
    stage: Stage


def held_role(membership: Membership, *, today: date) -> HeldRole:
    return HeldRole(membership, stage(membership.starts_date, membership.ends_date, today=today))


def member_or_404(request: ActorRequest, user_id: int) -> User:
    """Find someone who has, or had, a role in the asker's city."""
    known = Membership.objects.visible_to(request.actor).filter(user_id=user_id)
    return get_object_or_404(User.objects.filter(pk__in=known.values("user_id")), pk=user_id)


def role_or_404(request: ActorRequest, membership_id: int) -> Membership:
    """Find a role of the asker's city."""
    rows: Any = Membership.objects.visible_to(request.actor).select_related("user", "department")
    found: Membership = get_object_or_404(rows, pk=membership_id)
    return found
