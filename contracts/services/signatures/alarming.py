"""封印が滞っている市を見つけ、五分のうちに一度だけ知らせる。また動き出したことも記録に残す。"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import actors, roles, tenancy
from accounts.models import Organization, OrganizationKind, Role
from accounts.querysets import lock
from audit.models import Event
from contracts import messages
from contracts.models import ContractVersion, SigningJob
from contracts.services import evidence
from contracts.states import JobState, VersionState

logger = logging.getLogger(__name__)
# 一分ごとの見回りと合わせて、五分のうちに知らせる
PATIENCE = timedelta(minutes=3)
THREAD = "sealing"
HELD, RESUMED = "sealing.held", "sealing.resumed"
MOST_REASONS = 3


@dataclass(frozen=True)
class Held:
    """How many contracts of a city wait for their seal, since when, and the reasons told most often."""

    contracts: int
    since: datetime
    reasons: tuple[str, ...]


def watch(*, at: datetime) -> None:
    """Look at every city's sealing; tell once when it is held up, and note when it goes on again."""
    for city in Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug"):
        with tenancy.acting_for(city.pk):
            watch_city(city, at=at)


@transaction.atomic
def watch_city(city: Organization, *, at: datetime) -> None:
    """Tell the administrators of the city in view, and the operators, once per time that its sealing is held up."""
    held = _held(at=at)
    if (held is not None) == _is_told(city):
        return
    city = lock(city)  # 二つの見回りが重なっても、知らせるのは一度
    told = _is_told(city)
    if held is not None and not told:
        _tell(city, held, at=at)
    elif held is None and told:
        _note(city, RESUMED, at=at)


def _tell(city: Organization, held: Held, *, at: datetime) -> None:
    logger.error("sealing of %s is held up since %s: %s", city.slug, held.since, "／".join(held.reasons))
    for to, name in _recipients(city, at=at).items():
        messages.seal_held(
            city, to=to, name=name, contracts=held.contracts, since=held.since, reasons=held.reasons, at=at
        )
    _note(city, HELD, at=at, contracts=held.contracts, since=held.since.isoformat(), reasons=list(held.reasons))


def _held(*, at: datetime) -> Held | None:
    """Find what has failed and still waits after a while: seals at any step, and the conclusion after the last."""
    before = at - PATIENCE
    jobs = SigningJob.unscoped.exclude(state=JobState.DONE).exclude(last_error="")
    waiting = list(
        jobs.filter(step__instructed_at__lte=before).values_list(
            "step__version_id", "step__instructed_at", "last_error"
        )
    )
    versions = ContractVersion.unscoped.filter(state=VersionState.SEAL_WAITING, conclude_at__isnull=False)
    versions = versions.annotate(since=Max("steps__signed_at")).filter(since__lte=before)
    waiting += versions.values_list("pk", "since", "waiting_reason")
    if not waiting:
        return None
    often = Counter(reason for _version, _since, reason in waiting).most_common(MOST_REASONS)
    return Held(
        contracts=len({version for version, _since, _reason in waiting}),
        since=min(since for _version, since, _reason in waiting),
        reasons=tuple(reason for reason, _count in often),
    )


def _is_told(city: Organization) -> bool:
    last = Event.objects.of_thread(city.pk, THREAD).first()
    return last is not None and last.action == HELD


def _recipients(city: Organization, *, at: datetime) -> dict[str, str]:
    administrators = roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at))
    operators = dict.fromkeys(settings.OPERATORS, "運用の担当者")
    return operators | {user.email: user.name for user in administrators}


def _note(city: Organization, action: str, *, at: datetime, **data: object) -> None:
    evidence.record_in(THREAD, action, subject=f"organization:{city.pk}", actor=actors.system(city.pk), at=at, **data)
