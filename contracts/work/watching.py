"""What nobody needs to do yet, and the city should keep an eye on."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from accounts.actors import Actor
from contracts.hooks import Work
from contracts.models import SigningJob
from contracts.services.mails import losing
from contracts.states import JobState, VersionState
from contracts.work.scope import OF_VERSION, open_cases, page_of, versions

MOST = 50  # 種類ごとの行数。残りは案件の一覧で見る
SOON = timedelta(days=3)


def watched(actor: Actor, *, today: date, besides: Collection[int]) -> list[Work]:
    """List what to keep an eye on `besides` the cases of one's own work: 封印待ち, and deadlines close by or passed."""
    works = [Work(v.case, "封印待ち", page_of(v.case), v.waiting_reason or v.trouble) for v in _held(actor)[:MOST]]
    shown = {*besides, *(work.case.pk for work in works if work.case is not None)}
    near = open_cases(actor).filter(conclusion_deadline_date__lte=today + SOON, econtract_verdict__eligible=True)
    late = list(near.exclude(pk__in=shown).order_by("conclusion_deadline_date")[:MOST])
    lost = losing.cases_of(actor.tenant_id, among=[case.pk for case in late])
    works += [Work(c, "締結期限が近い", page_of(c), losing.IN_A_WORD if c.pk in lost else "") for c in late]
    return sorted(works, key=_urgency)


def _held(actor: Actor) -> Any:
    """Find the versions of which a seal, at any step, or the conclusion could not be made yet."""
    failed = SigningJob.unscoped.filter(tenant_id=actor.tenant_id).exclude(state=JobState.DONE).exclude(last_error="")
    trouble = failed.filter(step__version=OuterRef("pk")).order_by("pk").values("last_error")[:1]
    rows = versions(actor).annotate(trouble=Subquery(trouble)).select_related(*OF_VERSION)
    sent = Q(state__in=[VersionState.SENT, VersionState.ALL_SIGNED], pk__in=failed.values("step__version"))
    return rows.filter(Q(state=VersionState.SEAL_WAITING) | sent)


def _urgency(work: Work) -> tuple[date, int]:
    return work.by or date.max, work.case.pk if work.case else 0
