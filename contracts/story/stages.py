"""Where a case stands, in a word or two."""

from dataclasses import dataclass

from contracts.models import Case, Contract, ContractVersion
from contracts.states import CaseState, ConsentState, ContractState, VersionState
from contracts.story.scene import Scene

TONES = {
    VersionState.SEAL_WAITING: "warning",
    VersionState.RETURNED: "warning",
    VersionState.CONCLUDED: "success",
    VersionState.DECLINED: "error",
    VersionState.EXPIRED: "error",
    VersionState.RECALLED: "neutral",
    VersionState.DISCARDED: "neutral",
    VersionState.SWITCHED_TO_PAPER: "neutral",
}
CONTRACT_TONES = {
    ContractState.COUNCIL_PENDING: "warning",
    ContractState.IN_FORCE: "success",
    ContractState.LAPSED: "error",
    ContractState.DROPPED: "neutral",
}
CONSENT_STAGES = {
    ConsentState.INVITED: ("承諾書の提出待ち", "info"),
    ConsentState.SUBMITTED: ("承諾書の確認待ち", "info"),
    ConsentState.RETURNED: ("承諾書を差戻し", "warning"),
    ConsentState.ACCEPTED: ("起案待ち", "info"),
    ConsentState.CANCELLED: ("承諾書の依頼を取消し", "warning"),
    ConsentState.WITHDRAWN: ("承諾の撤回", "warning"),
}
# 共同企業体では、一番遅れている構成員の承諾書で言う。
SLOWEST_FIRST = (
    ConsentState.WITHDRAWN,
    ConsentState.CANCELLED,
    ConsentState.INVITED,
    ConsentState.RETURNED,
    ConsentState.SUBMITTED,
    ConsentState.ACCEPTED,
)
ENDINGS = {
    CaseState.CONCLUDED: ("締結済", "success"),
    CaseState.PAPER: ("紙で契約", "neutral"),
    CaseState.LAPSED: ("不成立", "error"),
}


@dataclass(frozen=True)
class Stage:
    """Where a case stands, in one or two words."""

    label: str
    tone: str


def tone(version_state: str) -> str:
    """Choose the colour in which a version's state is shown."""
    return TONES.get(VersionState(version_state), "info")


def contract_tone(contract: Contract, version: ContractVersion) -> str:
    """Choose the colour in which a contract's state is shown: until it is formed or given up, its version's."""
    return CONTRACT_TONES.get(ContractState(contract.state)) or tone(version.state)


def stage(case: Case, *, consent_state: str | None, version_state: str | None) -> Stage:
    """Say in a word where a case stands; the version is that of its original contract."""
    if case.state in ENDINGS:
        return Stage(*ENDINGS[CaseState(case.state)])
    if version_state == VersionState.CONCLUDED:
        return Stage("議決待ち", "warning")
    if version_state is not None:
        return Stage(VersionState(version_state).label, tone(version_state))
    if consent_state in CONSENT_STAGES:
        return Stage(*CONSENT_STAGES[ConsentState(consent_state)])
    return Stage("登録済", "info") if case.is_eligible else Stage("電子契約の対象外", "neutral")


def stage_of(scene: Scene) -> Stage:
    """Say in a word where the case of a scene stands."""
    states = [consent.state for consent in scene.consents]
    slowest = next((state for state in SLOWEST_FIRST if state in states), None)
    return stage(
        scene.case,
        consent_state=None if scene.unasked and slowest == ConsentState.ACCEPTED else slowest,
        version_state=scene.version.state if scene.version else None,
    )
