"""封印が滞っている市を見つけ、五分のうちに一度だけ知らせる。また動き出したことも記録に残す。"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts import actors, roles, tenancy
from accounts.models import Organization, Role
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
    """Look at the cities whose sealing is held up or was; tell once when it is, and note when it goes on again.

    Each city's administrators are told of their own. The operators are told of all cities together, once for as long
    as a reason lasts anywhere.
    """
    told, news = _looked(at=at)
    known = {reason for held in told.values() for reason in held.reasons}
    is_new = any(known.isdisjoint(held.reasons) for held in news.values())
    everywhere = [*told.values(), *news.values()] if is_new else []
    for city, held in news.items():
        with tenancy.acting_for(city.pk):
            if _tell(city, held, everywhere=everywhere, at=at):
                everywhere = []  # 運用の担当者には、市がいくつあっても一通


def _looked(*, at: datetime) -> tuple[dict[Organization, Held], dict[Organization, Held]]:
    """Return the cities held up that were told of it, and those that were not yet."""
    told: dict[Organization, Held] = {}
    news: dict[Organization, Held] = {}
    for city in _concerned():
        with tenancy.acting_for(city.pk):
            held, known = _held(at=at), _is_told(city)
            if held is not None:
                (told if known else news)[city] = held
            elif known:
                _resume(city, at=at)
    return told, news


def _concerned() -> "QuerySet[Organization]":
    """List the cities where something failed and waits, and those that were told so and not yet that it goes on."""
    with connection.cursor() as cursor:
        cursor.execute("select tenant_id from contracts_who_is_held()")
        found = [tenant_id for (tenant_id,) in cursor.fetchall()]
    return Organization.objects.filter(pk__in=found).order_by("slug")


def _resume(city: Organization, *, at: datetime) -> None:
    city = lock(city)  # 二つの見回りが重なっても、残すのは一度
    if _is_told(city):
        _note(city, RESUMED, at=at)


def _tell(city: Organization, held: Held, *, everywhere: list[Held], at: datetime) -> bool:
    """Tell the administrators of the city in view, and the operators of `everywhere`; False when that was done."""
    city = lock(city)  # 二つの見回りが重なっても、知らせるのは一度
    if _is_told(city):
        return False
    logger.error("sealing of %s is held up since %s: %s", city.slug, held.since, "／".join(held.reasons))
    for user in roles.holders(city, Role.ADMINISTRATOR, on=timezone.localdate(at)):
        messages.seal_held(
            city,
            to=user.email,
            name=user.name,
            contracts=held.contracts,
            since=held.since,
            reasons=held.reasons,
            at=at,
        )
    if everywhere:
        _tell_operators(city, everywhere, at=at)
    _note(city, HELD, at=at, contracts=held.contracts, since=held.since.isoformat(), reasons=list(held.reasons))
    return True


def _tell_operators(city: Organization, everywhere: list[Held], *, at: datetime) -> None:
    """Mail the operators, in the name of one city that is held up, how many are and why."""
    often = Counter(reason for held in everywhere for reason in held.reasons).most_common(MOST_REASONS)
    for to in dict.fromkeys(settings.OPERATORS):
        messages.seals_held(
            city,
            to=to,
            cities=len(everywhere),
            contracts=sum(held.contracts for held in everywhere),
            since=min(held.since for held in everywhere),
            reasons=[reason for reason, _count in often],
            at=at,
        )


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


def _note(city: Organization, action: str, *, at: datetime, **data: object) -> None:
    evidence.record_in(THREAD, action, subject=f"organization:{city.pk}", actor=actors.system(city.pk), at=at, **data)
