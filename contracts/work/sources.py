"""Which rows wait for whom, kind by kind; apps above add theirs (hooks.waiting_work)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from contracts import permissions
from contracts.hooks import Waiting, Work, waiting_work
from contracts.models import (
    ApprovalStep,
    Consent,
    ContractVersion,
    Disposal,
    JvMember,
    SignerChange,
    SigningCode,
    SigningLevel,
    SigningStep,
)
from contracts.models.codes import MOST_TRIES
from contracts.services.versions import approving
from contracts.states import (
    LIVE_CONSENTS,
    LIVE_VERSIONS,
    ChangeState,
    ConsentState,
    DisposalState,
    StepState,
    VersionState,
)
from contracts.work import mails
from contracts.work.queue import Queue
from contracts.work.scope import CASE_OF_STEP, CASE_OF_VERSION, OF_STEP, OF_VERSION, open_cases, own, page_of, versions


def mine(actor: Actor, *, at: datetime) -> Queue:
    """Gather what this person can do now, the nearest deadline first."""
    return Queue(tuple(kind for kind in (*KINDS, *waiting_work) if kind.may(actor)), actor, at)


def count(actor: Actor, *, at: datetime) -> int:
    """Count what waits for this person, in one query and without making a line of it."""
    return mine(actor, at=at).count()


def _disposing(actor: Actor, _at: datetime) -> Any:
    """Ask for the disposals that wait for one more approval, and that this person neither proposed nor approved."""
    rows = Disposal.objects.visible_to(actor).filter(state=DisposalState.PROPOSED).select_related("made_by")
    return rows.exclude(made_by_id=actor.user_id).exclude(first_by_id=actor.user_id, first_by__isnull=False)


def _disposal(disposal: Disposal) -> Work:
    note = f"起案: {disposal.made_by.name}"
    return Work(None, "廃棄を承認する", reverse("disposal", args=[disposal.pk]), note)


def _on_case(rows: Callable[[Actor, datetime], Any], verb: str, note: str) -> Waiting:
    return Waiting(permissions.can_register, rows, lambda case: Work(case, verb, page_of(case), note))


def _answered(actor: Actor, _at: datetime) -> Any:
    """Ask for the cases whose firm has handed in its consent from an address that is known to be its own."""
    answers = _asked().filter(state=ConsentState.SUBMITTED, address_confirmed_at__isnull=False)
    return open_cases(actor).filter(Exists(answers))


def _uninvited(actor: Actor, _at: datetime) -> Any:
    return open_cases(actor).filter(~Exists(_asked()), econtract_verdict__eligible=True)


def _asked() -> Any:
    return Consent.unscoped.filter(case=OuterRef("pk"), state__in=LIVE_CONSENTS)


def _drafts(actor: Actor, _at: datetime) -> Any:
    return versions(actor).filter(state=VersionState.DRAFT).select_related(*OF_VERSION)


def _draft(version: ContractVersion) -> Work:
    address = reverse("version_edit", args=[version.pk])
    return Work(version.contract.case, "条件と文書をそろえ、承認を依頼する", address, version.contract.label)


def _to_draft(actor: Actor, _at: datetime) -> Any:
    """Ask for the cases whose firms have all consented and whose original contract has no version under way."""
    consents = Consent.unscoped.filter(case=OuterRef("pk"))
    accepted = consents.filter(state=ConsentState.ACCEPTED)
    pending = consents.filter(state__in=LIVE_CONSENTS).exclude(state=ConsentState.ACCEPTED)
    missing = JvMember.unscoped.filter(joint_venture=OuterRef("contractor_id")).exclude(
        member__in=Consent.unscoped.filter(case=OuterRef(OuterRef("pk")), state=ConsentState.ACCEPTED).values(
            "contractor_id"
        )
    )
    going_on = ContractVersion.unscoped.filter(
        contract__case=OuterRef("pk"), state__in=[*LIVE_VERSIONS, VersionState.CONCLUDED]
    )
    return open_cases(actor).filter(Exists(accepted), ~Exists(pending), ~Exists(missing), ~Exists(going_on))


def _changing(actor: Actor, _at: datetime) -> Any:
    """Ask for the signers' wishes for another signer that nobody has answered yet."""
    rows = SignerChange.objects.visible_to(actor).filter(own(actor, f"step__{CASE_OF_STEP}__"))
    return rows.filter(state=ChangeState.ASKED).select_related(*(f"step__{name}" for name in OF_STEP))


def _change(change: SignerChange) -> Work:
    case, address = change.step.version.case, reverse("signer_change", args=[change.pk])
    return Work(case, "署名する人の変更に答える", address, f"申出: {change.asked_by} 様")


def _coding(actor: Actor, _at: datetime) -> Any:
    """Ask for the signers who wait for an access code, or for another after too many wrong tries."""
    usable = SigningCode.unscoped.filter(step=OuterRef("pk"), revoked_at__isnull=True, wrong_tries__lt=MOST_TRIES)
    steps = SigningStep.objects.visible_to(actor).filter(
        own(actor, f"{CASE_OF_STEP}__"),
        ~Exists(usable),
        level=SigningLevel.ACCESS_CODE,
        state__in=[StepState.WAITING, StepState.REQUESTED],
        version__state=VersionState.SENT,
    )
    return steps.select_related(*OF_STEP)


def _code(step: SigningStep) -> Work:
    return Work(step.version.case, "アクセスコードを伝える", reverse("step_code", args=[step.pk]), f"{step.name} 様")


def _overdue(actor: Actor, at: datetime) -> Any:
    """Ask for the cases whose deadline has passed without a contract."""
    today = timezone.localdate(at)
    return open_cases(actor).filter(conclusion_deadline_date__lt=today, econtract_verdict__eligible=True)


def _deciding(actor: Actor, at: datetime) -> Any:
    """Ask for the steps of the internal approval that wait for this person, or for someone they stand in for."""
    steps = approving.waiting_for(actor, on=timezone.localdate(at))
    return steps.select_related("version__drafted_by", *OF_STEP)


def _decision(step: ApprovalStep) -> Work:
    case = step.version.case
    return Work(case, f"決裁する：{step.label}", page_of(case), f"起案: {step.version.drafted_by.name}")


def _signing(actor: Actor, _at: datetime) -> Any:
    steps = SigningStep.objects.visible_to(actor).filter(state=StepState.REQUESTED, user_id=actor.user_id)
    return steps.select_related(*OF_STEP)


def _signature(step: SigningStep) -> Work:
    return Work(step.version.case, "署名する", reverse("sign_step", args=[step.pk]), "受注者は署名済み")


KINDS = (
    # 決裁の段には、どの役割も立ち得る
    Waiting(permissions.has_work, _deciding, _decision, case=CASE_OF_STEP),
    _on_case(_answered, "承諾書を確認する", "受注者が提出済み"),
    _on_case(_uninvited, "承諾書の提出を依頼する", "まだ依頼していません"),
    _on_case(_to_draft, "契約書を起案する", "承諾済み"),
    Waiting(permissions.can_register, _drafts, _draft, case=CASE_OF_VERSION),
    Waiting(permissions.can_register, _changing, _change, case=f"step__{CASE_OF_STEP}"),
    Waiting(permissions.can_register, _coding, _code, case=CASE_OF_STEP),
    _on_case(_overdue, "期限を過ぎた案件の扱いを決める", "契約が成立していません"),
    *mails.KINDS,
    Waiting(permissions.may_sign, _signing, _signature, case=CASE_OF_STEP),
    Waiting(permissions.may_approve_disposal, _disposing, _disposal, case=None),
)
