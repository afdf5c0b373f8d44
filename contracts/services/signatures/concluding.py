"""Declare a contract concluded, by our own full re-verification of the finished bytes and by nothing less."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import actors, doorbell
from accounts.querysets import lock
from contracts import messages
from contracts.models import ContractVersion, Purpose, SigningStep, StepKind
from contracts.reading import content_of
from contracts.services import evidence, links
from contracts.services.cases import forming
from contracts.services.signatures import downloading
from contracts.services.versions import freezing
from contracts.states import StepState, VersionState
from signing.results import Verdict
from signing.trust import Trust
from signing.verification import verify

REQUIRED_LEVEL = "PAdES-B-LTA"
DONE_STEPS = (StepState.SIGNED, StepState.CONFIRMED)
WAITING_STATES = {VersionState.ALL_SIGNED, VersionState.SEAL_WAITING}


def ring(version: ContractVersion) -> None:
    """Ring the worker to conclude a version once the transaction holds."""
    from contracts import tasks

    doorbell.ring(tasks.conclude_version, version_id=version.pk, tenant_id=version.tenant_id)


@transaction.atomic
def conclude(version: ContractVersion, *, at: datetime, trust: Trust) -> bool:
    """Verify every finished document; conclude when all are B-LTA and signed by exactly the parties, else wait.

    契約確定日時 is the time of the last signature's timestamp (地方自治法 234条5項). Doing it twice changes nothing.
    """
    version = lock(version)
    if version.state not in WAITING_STATES:
        return False
    steps = list(SigningStep.unscoped.filter(version=version, kind=StepKind.SIGN).order_by("order"))
    if any(step.state != StepState.SIGNED for step in steps):
        return False
    problem = _first_problem(version, steps=steps, trust=trust)
    if problem:
        wait(version.pk, reason=problem, at=at)
        return False
    version.move_to(VersionState.CONCLUDED)
    version.fixed_at, version.concluded_at, version.waiting_reason = steps[-1].signed_at, at, ""
    version.save(update_fields=["state", "fixed_at", "concluded_at", "waiting_reason"])
    case = version.case
    links.revoke(case, purposes={Purpose.SIGN}, at=at)
    for step in steps:
        downloading.send_link(step, at=at)
    forming.concluded(version, at=at)
    _warn_of_another_day(steps[-1], fixed_at=version.fixed_at, at=at)
    evidence.record(
        "contract.concluded",
        case,
        subject=f"version:{version.pk}",
        actor=actors.system(case.tenant_id),
        at=at,
        fixed_at=version.fixed_at.isoformat(),
    )
    return True


def _first_problem(version: ContractVersion, *, steps: list[SigningStep], trust: Trust) -> str:
    """Say why the first unfit document may not be called concluded; empty when all may."""
    for document in freezing.current(version):
        fields = [f"FIELD_{document.pk}_{step.order - 1}" for step in steps]
        report = verify(content_of(document), trust=trust, expected_fields=fields, required_level=REQUIRED_LEVEL)
        if report.verdict is not Verdict.VALID:
            return f"{document.title}: {'、'.join(report.problems) or report.headline}"
    return ""


@transaction.atomic
def wait(version_id: int, *, reason: str, at: datetime) -> None:
    """Hold a fully signed version in 封印待ち with a reason people can see; other states stay as they are."""
    version = ContractVersion.unscoped.select_for_update().get(pk=version_id)
    if version.state not in WAITING_STATES:
        return
    if version.state == VersionState.ALL_SIGNED:
        version.move_to(VersionState.SEAL_WAITING)
        messages.seal_waiting(version, reason=reason, at=at)
    version.waiting_reason = reason[:500]
    version.save(update_fields=["state", "waiting_reason"])


def _warn_of_another_day(step: SigningStep, *, fixed_at: datetime, at: datetime) -> None:
    """Tell the city when the last instruction and the fixed time fall on different days or sides of the deadline."""
    fixed_date, deadline = timezone.localdate(fixed_at), step.version.case.conclusion_deadline_date
    original = step.version.contract.is_original
    late = original and deadline is not None and fixed_date > deadline
    if late or fixed_date != timezone.localdate(step.instructed_at):
        messages.fixed_on_another_day(step, late=late, at=at)


def waiting_versions() -> list[int]:
    """List the versions of the municipality in view whose parties have all signed but which are not concluded."""
    signed = ContractVersion.unscoped.filter(state__in=WAITING_STATES)
    pending = SigningStep.unscoped.exclude(state__in=DONE_STEPS).values("version_id")
    return list(signed.exclude(pk__in=pending).values_list("pk", flat=True)[:200])
