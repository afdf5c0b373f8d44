"""What the administrators of a city are told about visits, in the transaction that decides."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User, Visit
from contracts.messages import moment
from notifications import outbox

MOST_TOLD = 30


def begun(visit: Visit, *, to: Iterable[User], at: datetime) -> None:
    """Tell at once that somebody of the operator is in the city: who, why, until when, and where to end it."""
    _tell("visit_begun", visit, to=to, at=at)


def ended(visit: Visit, *, to: Iterable[User], looked: Counter[str], at: datetime) -> None:
    """Report a visit that is over: how it ended, and the pages that were shown."""
    told = [f"{title}（{times}回）" if times > 1 else title for title, times in list(looked.items())[:MOST_TOLD]]
    assert visit.ended_at is not None  # noqa: S101 - 終えてから呼ばれる
    _tell(
        "visit_ended",
        visit,
        to=to,
        at=at,
        ended=moment(visit.ended_at),
        how=visit.get_ended_how_display(),
        pages=sum(looked.values()),
        looked=told,
        more=max(0, len(looked) - MOST_TOLD),
    )


def _tell(template: str, visit: Visit, *, to: Iterable[User], at: datetime, **context: object) -> None:
    for user in to:
        outbox.enqueue(
            tenant=visit.tenant,
            key=f"{template}:{visit.pk}:{user.email}",
            to=user.email,
            template=f"contracts/{template}",
            context={
                "recipient_name": user.name,
                "visitor": f"{visit.visitor_name}（{visit.operator_name}）",
                "reason": visit.reason,
                "began": moment(visit.began_at),
                "ends": moment(visit.ends_at),
                **context,
            },
            link=settings.BASE_URL + reverse("visits"),
            thread="city",
            at=at,
        )
