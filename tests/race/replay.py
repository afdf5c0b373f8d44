"""Tell from the operation log alone how a case stands: its events, replayed over the tables of states.py."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from audit.models import Event
from contracts.models import Case, Consent, Contract, ContractVersion, Document, DocumentKind, SigningStep, StepKind
from contracts.services.consents.withdrawing import ENDS
from contracts.states import (
    CASE,
    CONSENT,
    CONTRACT,
    LIVE_CONSENTS,
    LIVE_VERSIONS,
    STEP,
    VERSION,
    CaseState,
    ConsentState,
    ContractState,
    StepState,
    VersionState,
)
from guarantees.models import Guarantee
from guarantees.states import GUARANTEE, GuaranteeState

Subject = tuple[str, int]
TABLES: dict[str, Mapping[str, frozenset[str]]] = {
    "case": CASE,
    "consent": CONSENT,
    "contract": CONTRACT,
    "version": VERSION,
    "step": STEP,
    "guarantee": GUARANTEE,
}
BEGINNINGS = {
    CaseState.REGISTERED,
    ConsentState.INVITED,
    ContractState.PREPARING,
    VersionState.DRAFT,
    StepState.WAITING,
    GuaranteeState.EXPECTED,
}
# 状態を動かさない出来事
STILL = {
    "approval.acted",
    "code.made",
    "code.refused",
    "case.changed_on_paper",
    "consent.address_asked",
    "consent.address_confirmed",
    "consent.address_corrected",
    "contract.edited",
    "custody.counted",
    "custody.held",
    "custody.left",
    "custody.released",
    "document.frozen",
    "certificate.made",
    "document.read",
    "document.renewal_postponed",
    "document.renewed",
    "document.seal_retried",
    "document.version_shown",
    "guarantee.invited",
    "link.opened",
    "mail.bounced",
    "mail.cancelled",
    "mail.corrected",
    "mail.failed",
    "mail.recalled",
    "mail.resent",
    "mail.sent",
    "step.change_asked",
    "step.change_refused",
    "step.opened",
    "step.reassigned",
}


class Disagreement(AssertionError):
    """The log tells something that cannot have happened."""


class Replay:
    """The states of a case and all that belongs to it, as its events tell them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.states: dict[Subject, str] = {}
        self.contract_of = dict(ContractVersion.unscoped.filter(contract__case=case).values_list("pk", "contract_id"))
        self.contracts = {row.pk: row for row in Contract.unscoped.filter(case=case)}
        self.steps = list(SigningStep.unscoped.filter(version__contract__case=case).order_by("version", "order"))
        files = Document.unscoped.filter(version__contract__case=case, removed_at=None)
        files = files.exclude(kind=DocumentKind.CERTIFICATE)
        self.documents = dict(files.values_list("pk", "version_id"))
        self.seals = dict.fromkeys(self.documents, 0)
        for event in Event.objects.filter(tenant_id=case.tenant_id, thread=case.thread).order_by("seq"):
            self.take(event)

    def take(self, event: Event) -> None:
        if event.action in STILL:
            return
        kind, pk = event.subject.split(":")
        tell = TELLING.get(event.action)
        if tell is None:
            raise Disagreement(f"{event.action} が何を動かすのか、この読み手は知りません。")
        tell(self, (kind, int(pk)), json.loads(event.data))

    def move(self, subject: Subject, to: str) -> None:
        before = self.states.get(subject)
        if before is None and to not in BEGINNINGS:
            raise Disagreement(f"{subject} は、始まらないうちに {to} になっています。")
        if before is not None and to not in TABLES[subject[0]][before]:
            raise Disagreement(f"{subject} は、{before} から {to} へは動けません。")
        self.states[subject] = to

    def start(self, subject: Subject, state: str) -> None:
        if subject not in self.states:
            self.move(subject, state)

    def steps_of(self, version: int, *states: str) -> list[Subject]:
        rows = [("step", row.pk) for row in self.steps if row.version_id == version]
        return [row for row in rows if not states or self.states.get(row) in states]

    def request_next(self, version: int) -> None:
        for step in self.steps_of(version, StepState.WAITING)[:1]:
            self.move(step, StepState.REQUESTED)

    def end(self, version: int, state: str) -> None:
        self.move(("version", version), state)
        for step in self.steps_of(version, StepState.WAITING, StepState.REQUESTED, StepState.INSTRUCTED):
            self.move(step, StepState.CANCELLED)

    def version_of(self, step: Subject) -> int:
        return next(row.version_id for row in self.steps if row.pk == step[1])

    # 出来事ごとに、何が動いたか -------------------------------------------------------------------

    def drafted(self, version: Subject, _data: Any) -> None:
        self.move(version, VersionState.DRAFT)
        self.start(("contract", self.contract_of[version[1]]), ContractState.PREPARING)
        if self.states[self.of_case] == CaseState.REGISTERED:
            self.move(self.of_case, CaseState.CONTRACTING)

    def submitted(self, version: Subject, _data: Any) -> None:
        self.move(version, VersionState.IN_APPROVAL)
        for step in self.steps_of(version[1]):
            self.move(step, StepState.WAITING)

    def sent(self, version: Subject, _data: Any) -> None:
        self.move(version, VersionState.SENT)
        self.request_next(version[1])

    def instructed(self, step: Subject, _data: Any) -> None:
        self.move(step, StepState.INSTRUCTED)
        version = self.version_of(step)
        if not self.steps_of(version, StepState.WAITING):
            self.move(("version", version), VersionState.ALL_SIGNED)

    def confirmed(self, step: Subject, _data: Any) -> None:
        self.move(step, StepState.CONFIRMED)
        self.request_next(self.version_of(step))

    def sealed(self, document: Subject, _data: Any) -> None:
        version = self.documents[document[1]]
        self.seals[document[1]] += 1
        done = min(count for pk, count in self.seals.items() if self.documents[pk] == version)
        signing = [row for row in self.steps if row.version_id == version and row.kind == StepKind.SIGN]
        step = ("step", signing[done - 1].pk) if done else None
        if step and self.states[step] == StepState.INSTRUCTED:
            self.move(step, StepState.SIGNED)
            self.request_next(version)

    def postponed(self, document: Subject, _data: Any) -> None:
        version = ("version", self.documents[document[1]])
        if self.states[version] == VersionState.ALL_SIGNED:
            self.move(version, VersionState.SEAL_WAITING)

    def declined(self, step: Subject, _data: Any) -> None:
        self.move(step, StepState.DECLINED)
        self.end(self.version_of(step), VersionState.DECLINED)

    def stopped(self, version: Subject, _data: Any) -> None:
        self.end(version[1], ENDS[VersionState(self.states[version])])

    def switched_to_paper(self, case: Subject, _data: Any) -> None:
        for subject, state in list(self.states.items()):
            if subject[0] == "version" and state in LIVE_VERSIONS:
                self.end(subject[1], VersionState.SWITCHED_TO_PAPER)
            if subject[0] == "consent" and state in LIVE_CONSENTS:
                self.move(subject, ConsentState.VOID_BY_PAPER)
        self.move(case, CaseState.PAPER)

    def concluded(self, version: Subject, _data: Any) -> None:
        self.move(version, VersionState.CONCLUDED)
        pk = self.contract_of[version[1]]
        if self.contracts[pk].is_provisional:
            self.move(("contract", pk), ContractState.COUNCIL_PENDING)
        else:
            self.formed(("contract", pk), None)

    def formed(self, contract: Subject, _data: Any) -> None:
        self.move(contract, ContractState.IN_FORCE)
        if self.contracts[contract[1]].is_original:
            self.move(self.of_case, CaseState.CONCLUDED)

    def rejected(self, contract: Subject, _data: Any) -> None:
        self.move(contract, ContractState.LAPSED)
        if self.contracts[contract[1]].is_original:
            self.move(self.of_case, CaseState.LAPSED)

    def guarantee_submitted(self, guarantee: Subject, _data: Any) -> None:
        """Take in a certificate that was expected, or one that nobody had waited for."""
        self.start(guarantee, GuaranteeState.EXPECTED)
        self.move(guarantee, GuaranteeState.SUBMITTED)

    def guarantee_on_paper(self, guarantee: Subject, _data: Any) -> None:
        self.start(guarantee, GuaranteeState.EXPECTED)
        self.move(guarantee, GuaranteeState.PAPER)

    def guarantee_accepted(self, guarantee: Subject, data: Any) -> None:
        self.move(guarantee, GuaranteeState.DEEMED_DEPOSITED)
        if data["amends"] is not None:
            self.move(("guarantee", data["amends"]), GuaranteeState.CHANGED)

    def guarantee_followed(self, guarantee: Subject, data: Any) -> None:
        if data["outcome"]:
            self.move(guarantee, data["outcome"])

    def works_completed(self, _case: Subject, data: Any) -> None:
        for pk, state in data["guarantees"].items():
            self.move(("guarantee", int(pk)), state)

    def guarantee_routed(self, guarantee: Subject, _data: Any) -> None:
        if self.states[guarantee] == GuaranteeState.SUBMITTED:
            self.move(guarantee, GuaranteeState.ROUTED)

    def guarantee_checked(self, guarantee: Subject, data: Any) -> None:
        if self.states[guarantee] != data["outcome"]:
            self.move(guarantee, data["outcome"])

    @property
    def of_case(self) -> Subject:
        return ("case", self.case.pk)


def _to(state: str) -> Callable[[Replay, Subject, Any], None]:
    return lambda replay, subject, _data: replay.move(subject, state)


def _ending(state: str) -> Callable[[Replay, Subject, Any], None]:
    return lambda replay, subject, _data: replay.end(subject[1], state)


TELLING: dict[str, Callable[[Replay, Subject, Any], None]] = {
    "case.registered": _to(CaseState.REGISTERED),
    "case.switched_to_paper": Replay.switched_to_paper,
    "consent.invited": lambda replay, subject, _data: replay.start(subject, ConsentState.INVITED),
    "consent.cancelled": _to(ConsentState.CANCELLED),
    "consent.submitted": _to(ConsentState.SUBMITTED),
    "consent.accepted": _to(ConsentState.ACCEPTED),
    "consent.returned": _to(ConsentState.RETURNED),
    "consent.withdrawn": _to(ConsentState.WITHDRAWN),
    "contract.drafted": Replay.drafted,
    "contract.submitted": Replay.submitted,
    "contract.returned": _ending(VersionState.RETURNED),
    "contract.discarded": _ending(VersionState.DISCARDED),
    "contract.dropped": _to(ContractState.DROPPED),
    "contract.sent": Replay.sent,
    "contract.recalled": _ending(VersionState.RECALLED),
    "contract.expired": _ending(VersionState.EXPIRED),
    "contract.stopped": Replay.stopped,
    "contract.concluded": Replay.concluded,
    "council.passed": Replay.formed,
    "council.rejected": Replay.rejected,
    "step.instructed": Replay.instructed,
    "step.confirmed": Replay.confirmed,
    "step.declined": Replay.declined,
    "document.sealed": Replay.sealed,
    "document.seal_postponed": Replay.postponed,
    "guarantee.expected": _to(GuaranteeState.EXPECTED),
    "guarantee.submitted": Replay.guarantee_submitted,
    "guarantee.routed": Replay.guarantee_routed,
    "guarantee.checked": Replay.guarantee_checked,
    "guarantee.paper_received": Replay.guarantee_on_paper,
    "guarantee.need_changed": Replay.guarantee_followed,
    "guarantee.completed": Replay.works_completed,
    "guarantee.not_needed": _to(GuaranteeState.NOT_NEEDED),
    "guarantee.released": _to(GuaranteeState.RELEASED),
    "guarantee.accepted": Replay.guarantee_accepted,
    "guarantee.rejected": _to(GuaranteeState.REJECTED),
}


def states_in_rows(case: Case) -> dict[Subject, str]:
    """Read the same states from the rows."""
    rows: list[tuple[str, Any]] = [
        ("case", Case.unscoped.filter(pk=case.pk)),
        ("consent", Consent.unscoped.filter(case=case)),
        ("contract", Contract.unscoped.filter(case=case)),
        ("version", ContractVersion.unscoped.filter(contract__case=case)),
        ("step", SigningStep.unscoped.filter(version__contract__case=case)),
        ("guarantee", Guarantee.unscoped.filter(case=case)),
    ]
    return {(kind, pk): state for kind, found in rows for pk, state in found.values_list("pk", "state")}
