"""The way from the award to the contract, as marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from contracts.models import ContractVersion, Party, SigningStep, StepKind
from contracts.states import ConsentState, ContractState, StepState, VersionState
from contracts.story.scene import SEALING, Scene


@dataclass(frozen=True)
class Mark:
    """One of the marks along the way: done, now, next or failed; `by` is the day until which it is to be done."""

    label: str
    state: str
    who: str = ""
    at: datetime | None = None
    by: date | None = None


def marks(scene: Scene) -> list[Mark]:
    """Lay out the way of the contract that the story is about; a change has no registration of its own."""
    version, case = scene.living, scene.case
    is_change = version is not None and not version.contract.is_original
    first = [] if is_change else [Mark("案件の登録", "done", case.registered_by.name, case.registered_at)]
    way = [*first, _consent_mark(scene), _drafting_mark(scene, version)]
    way += [_signature_mark(party, scene) for party in Party]
    return [*way, _conclusion_mark(scene, version), *_council_mark(scene)]


def _consent_mark(scene: Scene) -> Mark:
    if not scene.all_consented:
        waiting = [consent.company_name for consent in scene.consents if consent.state != ConsentState.ACCEPTED]
        return Mark("承諾書", "now", "、".join(filter(None, waiting)))
    names = "、".join(consent.authority_name for consent in scene.consents)
    return Mark("承諾書", "done", names, _last([consent.accepted_at for consent in scene.consents]))


def _drafting_mark(scene: Scene, version: ContractVersion | None) -> Mark:
    if version is None:
        return Mark("起案と庁内承認", "now" if scene.all_consented else "next")
    if version.approved_by is None:
        return Mark("起案と庁内承認", "now", version.drafted_by.name)
    return Mark("起案と庁内承認", "done", version.approved_by.name, version.approved_at)


def _signature_mark(party: Party, scene: Scene) -> Mark:
    label = f"{party.label}の署名"
    steps = [step for step in scene.steps if step.party == party and step.kind == StepKind.SIGN]
    declined = next((step for step in steps if step.state == StepState.DECLINED), None)
    if declined is not None:
        return Mark(label, "failed", declined.name)
    if scene.living is None or not steps:
        return Mark(label, "next")
    names, state = "、".join(step.name for step in steps), _progress(scene, steps)
    by = _last_day(scene.living) if state == "now" else None
    return Mark(label, state, names, _all_signed_at(steps), by=by)


def _last_day(version: ContractVersion) -> date | None:
    """Tell the last day on which the parties may sign; the moment itself is often the end of that day."""
    if version.state != VersionState.SENT or version.expires_at is None:
        return None
    return timezone.localdate(version.expires_at - timedelta(seconds=1))


def _progress(scene: Scene, steps: Sequence[SigningStep]) -> str:
    if all(step.state == StepState.SIGNED for step in steps):
        return "done"
    return "now" if scene.turn is not None and scene.turn.party == steps[0].party else "next"


def _all_signed_at(steps: Sequence[SigningStep]) -> datetime | None:
    moments = [step.signed_at for step in steps]
    return None if None in moments else _last(moments)


def _conclusion_mark(scene: Scene, version: ContractVersion | None) -> Mark:
    if version is None or version.state not in SEALING | {VersionState.CONCLUDED}:
        is_change = version is not None and not version.contract.is_original
        return Mark("締結", "next", by=None if is_change else scene.case.conclusion_deadline_date)
    done = version.state == VersionState.CONCLUDED
    return Mark("締結", "done" if done else "now", "", version.fixed_at)


def _council_mark(scene: Scene) -> list[Mark]:
    """Say how the council decides on a 仮契約; other contracts do not go there."""
    if scene.agreement is None or not scene.agreement.contract.is_provisional:
        return []
    state = {
        ContractState.PREPARING: "next",
        ContractState.COUNCIL_PENDING: "now",
        ContractState.IN_FORCE: "done",
        ContractState.LAPSED: "failed",
    }
    contract = scene.agreement.contract
    return [Mark("議会の議決", state[ContractState(contract.state)], by=contract.council_planned_date)]


def _last(moments: Sequence[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
