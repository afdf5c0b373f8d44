"""Which of the case page's buttons a person may press now."""

from accounts.actors import Actor
from contracts import permissions
from contracts.models import ContractVersion, SigningJob, SigningStep
from contracts.states import OPEN_CASES, CaseState, ConsentState, StepState, VersionState
from contracts.story.scene import SEALING, Scene

ASKABLE = {ConsentState.INVITED, ConsentState.RETURNED}


def allowed(scene: Scene, *, actor: Actor) -> dict[str, bool]:
    """Say which of the case page's buttons this person may press now."""
    case, living = scene.case, scene.living
    is_open = case.state in OPEN_CASES
    is_free = living is None or living.state == VersionState.CONCLUDED
    may_register = permissions.can_register(actor)
    invitable = bool(scene.unasked) or any(consent.state in ASKABLE for consent in scene.consents)
    can = {
        "invite": may_register and is_open and case.is_eligible and invitable,
        "accept": permissions.can_accept_consent(actor) and is_open and bool(scene.submitted),
        "draft": permissions.can_draft(actor, case) and scene.all_consented and living is None,
        "correct": permissions.can_correct(actor, case) and living is None,
        "amend": may_register and case.state == CaseState.CONCLUDED and is_free,
        "vote": may_register,
        "paper": permissions.can_switch_to_paper(actor, case) and (living is None or living.state not in SEALING),
        "change_on_paper": permissions.can_change_on_paper(actor, case),
        "sign": scene.turn is not None and permissions.can_sign(actor, scene.turn),
        "log": permissions.can_read_log(actor),
        "reissue": may_register,
        "download": permissions.can_read(actor),
    }
    return can | _allowed_on(living, scene=scene, actor=actor)


def _allowed_on(version: ContractVersion | None, *, scene: Scene, actor: Actor) -> dict[str, bool]:
    if version is None:
        return {}
    sealing_now = scene.turn is not None and scene.turn.state == StepState.INSTRUCTED
    is_signed = version.state in SEALING
    may_recall = permissions.can_recall(actor, version)
    return {
        "edit": permissions.can_edit(actor, version),
        "answer_change": scene.change is not None and permissions.can_answer_change(actor, scene.change),
        "decide": scene.approval is not None and scene.approval.mine,
        "recall": may_recall and (_waits_in_vain(scene.turn, actor) if sealing_now else not is_signed),
        "reassign": may_recall and not sealing_now and not is_signed,
        "code": permissions.can_make_code(actor),
        "allow_late": scene.needs_late_reason and permissions.can_allow_late(actor, version),
    }


def _waits_in_vain(step: SigningStep | None, actor: Actor) -> bool:
    """Tell whether a signature that was instructed cannot be made for now, so that it may be given up."""
    return step is not None and SigningJob.are_held(SigningJob.objects.visible_to(actor).filter(step=step))
