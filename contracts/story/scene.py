"""A case with everything its story needs, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from contracts import rules
from contracts.models import (
    ApprovalStep,
    Case,
    Consent,
    Contract,
    Contractor,
    ContractVersion,
    SignerChange,
    SigningStep,
)
from contracts.states import (
    ENDED_VERSIONS,
    LIVE_VERSIONS,
    ChangeState,
    ConsentState,
    ContractState,
    StepState,
    VersionState,
)

SEALING = frozenset({VersionState.ALL_SIGNED, VersionState.SEAL_WAITING})
# 期限を過ぎると困る版。署名がそろった後は、もう誰も遅れない。
UNSIGNED = frozenset({VersionState.DRAFT, VersionState.IN_APPROVAL, VersionState.SENT})


@dataclass(frozen=True)
class Agreement:
    """One contract of the case with its versions, the newest first; there is always one."""

    contract: Contract
    versions: Sequence[ContractVersion]

    @property
    def version(self) -> ContractVersion:
        return self.versions[0]

    @property
    def former(self) -> Sequence[ContractVersion]:
        return self.versions[1:]


@dataclass(frozen=True)
class Turn:
    """The open step of the internal approval, and whether the reader may act there (in whose stead: `principal`)."""

    step: ApprovalStep
    passed: int = 0
    mine: bool = False
    principal: User | None = None


@dataclass(frozen=True)
class Scene:
    """A case, the newest consent of each firm of its contractor's side, and its contracts, the newest first."""

    case: Case
    today: date
    firms: Sequence[Contractor] = ()
    consents: Sequence[Consent] = ()
    agreements: Sequence[Agreement] = ()
    approval: Turn | None = None

    @property
    def agreement(self) -> Agreement | None:
        """Give the contract that the story is about now: the one under way, or the newest that was not dropped."""
        kept = [each for each in self.agreements if each.contract.state != ContractState.DROPPED]
        under_way = (each for each in kept if each.version.state in LIVE_VERSIONS)
        return next(under_way, kept[0] if kept else None)

    @property
    def version(self) -> ContractVersion | None:
        return self.agreement.version if self.agreement else None

    @property
    def living(self) -> ContractVersion | None:
        """Give the version that is under way or concluded; an ended one no longer counts."""
        version = self.version
        return version if version is not None and version.state not in ENDED_VERSIONS else None

    @property
    def steps(self) -> Sequence[SigningStep]:
        return list(self.version.steps.all()) if self.version else []

    @property
    def turn(self) -> SigningStep | None:
        """Give the step whose party is asked to sign, or whose signature is being made."""
        return next((step for step in self.steps if step.state in {StepState.REQUESTED, StepState.INSTRUCTED}), None)

    @property
    def change(self) -> SignerChange | None:
        """Give the wish for another signer that waits for an answer; nobody waits once the request is over."""
        if self.version is None or self.version.state != VersionState.SENT:
            return None
        asked = (change for step in self.steps for change in step.changes.all() if change.state == ChangeState.ASKED)
        return next(asked, None)

    @property
    def submitted(self) -> list[Consent]:
        """List the consents that wait to be accepted."""
        return [consent for consent in self.consents if consent.state == ConsentState.SUBMITTED]

    @property
    def unasked(self) -> list[Contractor]:
        """List the firms whose consent was never asked for, is not asked for any more, or was withdrawn."""
        over = {ConsentState.CANCELLED, ConsentState.WITHDRAWN}
        asked = {consent.contractor_id for consent in self.consents if consent.state not in over}
        return [firm for firm in self.firms if firm.pk not in asked]

    @property
    def all_consented(self) -> bool:
        accepted = all(consent.state == ConsentState.ACCEPTED for consent in self.consents)
        return bool(self.consents) and accepted and not self.unasked

    @property
    def lateness(self) -> rules.Lateness | None:
        """Judge today against the deadline for as long as signatures are missing; None while there is time."""
        version, deadline = self.living, self.case.conclusion_deadline_date
        if version is None or deadline is None or version.state not in UNSIGNED or not version.contract.is_original:
            return None
        found = rules.late(self.case.rule_set.data, deadline, self.today)
        return found if found.late else None

    @property
    def needs_late_reason(self) -> bool:
        """Tell whether nobody can sign before an approver says why it may be late (R42)."""
        version, late = self.living, self.lateness
        return version is not None and late is not None and late.needs_reason and not version.late_reason
