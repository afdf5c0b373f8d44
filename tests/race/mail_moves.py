"""What staff can do about a mail while its reader presses a button."""

from django.utils import timezone

from contracts.services.mails import recalling, resending
from notifications.models import Delivery
from tests.race.moves import MOVES, REASON, Deed, in_request, staff

__all__ = ["MOVES"]


@in_request
def take_back(*, delivery: int, user: int) -> Deed:
    row, actor = Delivery.unscoped.get(pk=delivery), staff(user)
    return lambda: recalling.recall(row, actor=actor, at=timezone.now())


@in_request
def send_again(*, delivery: int, user: int) -> Deed:
    row, actor = Delivery.unscoped.get(pk=delivery), staff(user)
    return lambda: resending.resend(row, actor=actor, at=timezone.now())


@in_request
def put_right(*, delivery: int, user: int, email: str) -> Deed:
    row, actor = Delivery.unscoped.get(pk=delivery), staff(user)
    return lambda: resending.correct(row, actor=actor, at=timezone.now(), email=email, reason=REASON)
