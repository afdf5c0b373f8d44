"""The doorbell of what guarantees do by themselves; the sweep rings it, the rows say what is due."""

from celery import shared_task
from django.utils import timezone

from accounts import rounds
from accounts.rounds import Turn
from guarantees.issuing.services import sealing
from guarantees.services import arriving, erasing
from signing import setup


@shared_task
def sweep(**_later: object) -> None:
    """Erase the keys whose term is over, and the papers that nobody handed in, city by city in turn."""
    rounds.serve(sweep, waiting=_waiting, do=_do)


def _waiting() -> list[Turn]:
    at = timezone.now()
    return [*rounds.waiting("guarantees_who_waits", at=at), *rounds.waiting("guarantees_what_lies", at=at)]


def _do(turn: Turn) -> bool:
    at = timezone.now()
    if turn.work == "discard":
        return arriving.discard_next(tenant_id=turn.tenant_id, at=at)
    return erasing.erase_next(tenant_id=turn.tenant_id, at=at)


@shared_task
def issue(**_later: object) -> None:
    """Print, seal and announce the certificates that guarantors here have issued, guarantor by guarantor in turn."""
    rounds.serve(issue, waiting=lambda: rounds.waiting("guarantees_who_issues", at=timezone.now()), do=_issue)


def _issue(turn: Turn) -> bool:
    at, trust = timezone.now(), setup.trust()
    return sealing.seal_next(tenant_id=turn.tenant_id, at=at, appoint=setup.appoint, trust=trust)
