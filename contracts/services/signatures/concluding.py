"""Declare a contract concluded, by our own full re-verification of the finished bytes and by nothing less."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import actors, tenancy
from accounts.querysets import lock
from contracts import messages
from contracts.models import ContractVersion, Purpose, SigningStep, StepKind
from contracts.reading import mapped
from contracts.services import evidence, links
from contracts.services.cases import forming
from contracts.services.signatures import downloading
from contracts.services.signatures.fields import fields_of
from contracts.services.upkeep import planning
from contracts.services.versions import freezing
from contracts.states import StepState, VersionState
from signing.results import LONG_LASTING, Verdict
from signing.trust import Trust
from signing.verification import verify

logger = logging.getLogger(__name__)
# 締結の知らせと記録が語るもの。一度の問い合わせで読む
CASE = "contract__case"
TOLD = (f"{CASE}__tenant", f"{CASE}__contractor", f"{CASE}__department", f"{CASE}__rule_set")
WAITING_STATES = {VersionState.ALL_SIGNED, VersionState.SEAL_WAITING}
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
TROUBLE = "締結の処理が続けられませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"
# 手に取った worker がこれだけ続けて絶えたら、文書に毒があるとみて、人に知らせ、間を空けて一度ずつ試す（封印も）
MOST_LOST = 3
POISONOUS = (
    "この契約の文書の検証の途中で、処理が三度続けて止まりました。間を空けて試しています。"
    "運用の担当者に、文書を確かめるようお伝えください。"
)


class Unfit(Exception):
    """A finished document may not be called concluded."""


def plan(version: ContractVersion, *, at: datetime) -> None:
    """Have a version concluded once the transaction holds, if every party has signed."""
    ready = ContractVersion.unscoped.filter(pk=version.pk, state__in=WAITING_STATES)
    ready.update(conclude_at=at)


def conclude_next(*, tenant_id: int, at: datetime, trust: Trust) -> bool:
    """Verify the version of a municipality that has waited longest; False when none is due.

    Its next try is put off before this one begins: whatever stops this one, even a worker that dies of a document,
    it holds nobody up, and is tried ever more rarely.
    """
    with tenancy.acting_for(tenant_id):
        version = _take(at=at)
    if version is None:
        return False
    with tenancy.acting_for(tenant_id):
        try:
            with transaction.atomic():
                _conclude(lock(version, *TOLD), at=at, trust=trust)
        except Exception:  # 何が起きても、理由を残し、間を置いてやり直す
            logger.exception("concluding version %s", version.pk)
            wait(version.pk, reason=TROUBLE, at=at)
        ContractVersion.unscoped.filter(pk=version.pk).update(lost=0)
    return True


def _take(*, at: datetime) -> ContractVersion | None:
    """Choose the version that has waited longest, and count it as lost until this try is survived."""
    rows = ContractVersion.unscoped.select_for_update(of=("self",), no_key=True, skip_locked=True)
    version: ContractVersion | None = rows.filter(conclude_at__lte=at).order_by("conclude_at").first()
    if version is None:
        return None
    if version.lost == MOST_LOST:
        wait(version.pk, reason=POISONOUS, at=at)
    version.conclude_at, version.lost = at + _pause(version, at=at), min(version.lost + 1, MOST_LOST)
    version.save(update_fields=["conclude_at", "lost"])
    return version


@transaction.atomic
def conclude(version: ContractVersion, *, at: datetime, trust: Trust) -> bool:
    """Verify every finished document; conclude when all are B-LTA and signed by exactly the parties, else wait.

    契約確定日時 is the time of the last signature's timestamp (地方自治法 234条5項). Doing it twice changes nothing.
    """
    return _conclude(lock(version, *TOLD), at=at, trust=trust)


def _conclude(version: ContractVersion, *, at: datetime, trust: Trust) -> bool:
    if version.state not in WAITING_STATES:
        return False
    steps: list[SigningStep] = list(version.steps.filter(kind=StepKind.SIGN).order_by("order"))
    if any(step.state != StepState.SIGNED for step in steps):
        return False
    try:
        ends = _ends(version, steps=steps, trust=trust)
    except Unfit as unfit:
        wait(version.pk, reason=str(unfit), at=at)
        return False
    version.move_to(VersionState.CONCLUDED)
    fixed_at = steps[-1].signed_at
    assert fixed_at is not None  # noqa: S101 - 署名済みの行に必ずある（制約 signed_exactly_when_timestamped）
    version.fixed_at, version.concluded_at = fixed_at, at
    version.conclude_at, version.waiting_reason = None, ""
    version.save(update_fields=["state", "fixed_at", "concluded_at", "conclude_at", "waiting_reason"])
    case = version.case
    links.revoke(case, purposes={Purpose.SIGN}, at=at)
    for step in steps:
        downloading.send_link(step, at=at)
    forming.concluded(version, at=at)
    planning.begin(version, ends, at=at)
    _warn_of_another_day(steps[-1], fixed_at=fixed_at, at=at)
    evidence.record(
        "contract.concluded",
        case,
        subject=f"version:{version.pk}",
        actor=actors.system(case.tenant_id),
        at=at,
        fixed_at=fixed_at.isoformat(),
    )
    return True


def _ends(version: ContractVersion, *, steps: list[SigningStep], trust: Trust) -> dict[int, datetime | None]:
    """Tell until when each document proves itself; raises Unfit for the first that may not be called concluded."""
    ends = {}
    for document in freezing.current(version):
        fields = fields_of(document, steps)
        report = verify(mapped(document), trust=trust, expected_fields=fields, required_level=LONG_LASTING)
        if report.verdict is not Verdict.VALID:
            raise Unfit(f"{document.title}: {'、'.join(report.problems) or report.headline}")
        ends[document.pk] = report.lasts_until
    return ends


@transaction.atomic
def wait(version_id: int, *, reason: str, at: datetime) -> None:
    """Hold a fully signed version in 封印待ち with a reason people can see; other states stay as they are."""
    version = ContractVersion.unscoped.select_for_update(no_key=True).get(pk=version_id)
    if version.state not in WAITING_STATES:
        return
    if version.state == VersionState.ALL_SIGNED:
        version.move_to(VersionState.SEAL_WAITING)
        messages.seal_waiting(version, reason=reason, at=at)
    version.waiting_reason = reason[:500]
    if version.conclude_at is not None:
        version.conclude_at = at + _pause(version, at=at)
    version.save(update_fields=["state", "conclude_at", "waiting_reason"])


def _pause(version: ContractVersion, *, at: datetime) -> timedelta:
    """Wait as long again as the version has waited already, between 5 seconds and 15 minutes."""
    last = SigningStep.unscoped.filter(version=version).aggregate(last=Max("signed_at"))["last"]
    return min(max(at - (last or at), SHORTEST_PAUSE), LONGEST_PAUSE)


def _warn_of_another_day(step: SigningStep, *, fixed_at: datetime, at: datetime) -> None:
    """Tell the city when the last instruction and the fixed time fall on different days or sides of the deadline."""
    fixed_date, deadline = timezone.localdate(fixed_at), step.version.case.conclusion_deadline_date
    original = step.version.contract.is_original
    late = original and deadline is not None and fixed_date > deadline
    if late or fixed_date != timezone.localdate(step.instructed_at):
        messages.fixed_on_another_day(step, late=late, at=at)
