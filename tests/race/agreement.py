"""The judge of a race: do the rows agree with each other, and the log with the rows?"""

import json
from collections import Counter
from collections.abc import Iterator

from audit import verifying
from audit.models import Event
from contracts.models import (
    AccessLink,
    ApprovalAct,
    ApprovalStep,
    ArchiveEntry,
    Case,
    Consent,
    Contract,
    ContractVersion,
    Decision,
    Party,
    Purpose,
    SignerChange,
    SigningJob,
    SigningStep,
)
from contracts.services.versions import freezing
from contracts.states import (
    LIVE_CONSENTS,
    ApprovalState,
    ChangeState,
    ConsentState,
    ContractState,
    JobState,
    StepState,
    VersionState,
)
from notifications.models import Delivery
from tests.race.replay import Disagreement, Replay, states_in_rows

# 版の状態ごとに、その版にあってはならない署名の順番の状態
UNFIT = {
    VersionState.DRAFT: frozenset(StepState),
    VersionState.IN_APPROVAL: frozenset(StepState) - {StepState.WAITING},
    VersionState.SENT: frozenset({StepState.CANCELLED, StepState.DECLINED}),
    VersionState.ALL_SIGNED: frozenset(StepState) - {StepState.INSTRUCTED, StepState.SIGNED, StepState.CONFIRMED},
    VersionState.SEAL_WAITING: frozenset(StepState) - {StepState.INSTRUCTED, StepState.SIGNED, StepState.CONFIRMED},
    VersionState.CONCLUDED: frozenset(StepState) - {StepState.SIGNED, StepState.CONFIRMED},
}
ENDED = frozenset({StepState.WAITING, StepState.REQUESTED, StepState.INSTRUCTED})
# 決裁の一つの判断を伝える出来事。差戻しは、版の終わりとして伝える
ACTS = ("approval.acted", "contract.returned")
# 終わり方ごとの知らせ。ほかの終わり方を知らせてはならない
NOTICES = {
    "contracts/declined": VersionState.DECLINED,
    "contracts/expired": VersionState.EXPIRED,
    "contracts/recalled": VersionState.RECALLED,
    "contracts/draft_returned": VersionState.RETURNED,
    "contracts/concluded": VersionState.CONCLUDED,
}


def disagreements(case: Case) -> list[str]:
    """List everything about a case that does not fit together; empty when all is well."""
    case.refresh_from_db()
    found = [*_log(case), *_chain(case), *_contracts(case), *_consents(case), *_notices(case)]
    for version in ContractVersion.unscoped.filter(contract__case=case):
        found += [*_steps(version), *_wishes(version), *_links(version), *_jobs(version), *_route(version)]
    return found


def _log(case: Case) -> Iterator[str]:
    try:
        told = Replay(case).states
    except Disagreement as wrong:
        yield f"記録: {wrong}"
        return
    kept = states_in_rows(case)
    for subject in sorted(told.keys() | kept.keys()):
        if told.get(subject) != kept.get(subject):
            yield f"{subject}: 記録では {told.get(subject)}、行では {kept.get(subject)}"


def _chain(case: Case) -> Iterator[str]:
    report = verifying.verify_chain(tenant_id=case.tenant_id)
    if not report.intact:
        yield f"鎖: {report.why}"


def _contracts(case: Case) -> Iterator[str]:
    for contract in Contract.unscoped.filter(case=case):
        filed = ArchiveEntry.unscoped.filter(version__contract=contract).count()
        if filed != (contract.state == ContractState.IN_FORCE):
            yield f"{contract.label}（{contract.state}）の保管の見出しが {filed} 件"


def _consents(case: Case) -> Iterator[str]:
    asking = AccessLink.unscoped.filter(purpose=Purpose.CONSENT, revoked_at=None)
    for consent in Consent.unscoped.filter(case=case):
        living = asking.filter(consent=consent).count()
        if consent.state in {ConsentState.INVITED, ConsentState.RETURNED} and living != 1:
            yield f"承諾が {consent.state} なのに、生きた依頼のリンクが {living} 本"
        if consent.state not in LIVE_CONSENTS | {ConsentState.ACCEPTED} and living:
            yield f"承諾が {consent.state} なのに、生きた依頼のリンクが {living} 本"
        before = {VersionState.DRAFT, VersionState.IN_APPROVAL, VersionState.SENT, VersionState.ALL_SIGNED}
        open_ = ContractVersion.unscoped.filter(contract__case=case, state__in=before)
        if consent.state == ConsentState.WITHDRAWN and open_.exists():
            yield "承諾が撤回されたのに、契約の手続きが生きている"


def _steps(version: ContractVersion) -> Iterator[str]:
    steps = list(SigningStep.unscoped.filter(version=version).order_by("order"))
    unfit = UNFIT.get(VersionState(version.state), ENDED)
    for step in steps:
        if step.state in unfit:
            yield f"版が {version.state} なのに、{step.order} 番目の署名が {step.state}"
    asked = [step for step in steps if step.state in {StepState.REQUESTED, StepState.INSTRUCTED}]
    if len(asked) > 1 or (version.state == VersionState.SENT and not asked):
        yield f"版が {version.state} で、手にある署名が {len(asked)} 件"


def _wishes(version: ContractVersion) -> Iterator[str]:
    """Look for wishes for another signer that wait for an answer though nobody waits for that signature."""
    for wish in SignerChange.unscoped.filter(step__version=version, state=ChangeState.ASKED).select_related("step"):
        if wish.step.state != StepState.REQUESTED or version.state != VersionState.SENT:
            yield f"版が {version.state}、署名が {wish.step.state} なのに、署名者変更の申出が答えを待っている"


def _links(version: ContractVersion) -> Iterator[str]:
    for step in SigningStep.unscoped.filter(version=version):
        living = list(AccessLink.unscoped.filter(step=step, purpose=Purpose.SIGN, revoked_at=None))
        asked = step.state == StepState.REQUESTED and step.party == Party.CONTRACTOR
        if asked and [link.email for link in living] != [step.email] and not (_is_taken_back(version) and not living):
            yield f"署名を求めている {step.email} に、生きたリンクが {[link.email for link in living]}"
        if living and step.state in {StepState.WAITING, StepState.DECLINED, StepState.CANCELLED}:
            yield f"{step.state} の署名に、生きたリンクが {len(living)} 本"


def _is_taken_back(version: ContractVersion) -> bool:
    """Tell whether staff took a mail of the case back, and have not sent it again since."""
    case = version.contract.case
    acts = Event.objects.of_thread(case.tenant_id, case.thread).filter(action__startswith="mail.re")
    last = acts.filter(action__in=["mail.recalled", "mail.resent"]).first()
    return last is not None and last.action == "mail.recalled"


def _jobs(version: ContractVersion) -> Iterator[str]:
    documents = freezing.current(version).count()
    for step in SigningStep.unscoped.filter(version=version):
        jobs = list(SigningJob.unscoped.filter(step=step))
        given = step.state in {StepState.INSTRUCTED, StepState.SIGNED}
        if len(jobs) != (documents if given else 0):
            yield f"{step.state} の署名に、封印の仕事が {len(jobs)} 件（文書は {documents} 件）"
        if (step.state == StepState.SIGNED) != (bool(jobs) and all(job.state == JobState.DONE for job in jobs)):
            yield f"{step.state} の署名と、封印の仕事 {[job.state for job in jobs]} が合わない"


def _route(version: ContractVersion) -> Iterator[str]:
    steps = list(ApprovalStep.unscoped.filter(version=version))
    acts = Counter(ApprovalAct.unscoped.filter(step__version=version).values_list("step_id", "decision"))
    told = Event.objects.filter(tenant_id=version.tenant_id, action__in=ACTS, subject=f"version:{version.pk}").count()
    if told != acts.total():
        yield f"決裁が {acts.total()} 件、記録では {told} 件"
    for step in steps:
        passed, returned = (acts[step.pk, decision] for decision in (Decision.PASSED, Decision.RETURNED))
        if (step.state == ApprovalState.DONE) != (passed == step.need):
            yield f"{step.need} 人の決裁に {passed} 人が可とし、段は {step.state}"
        if (step.state == ApprovalState.RETURNED) != (returned == 1):
            yield f"差戻しが {returned} 件で、段は {step.state}"
    open_ = [step for step in steps if step.state in {ApprovalState.WAITING, ApprovalState.OPEN}]
    if bool(open_) != (version.state == VersionState.IN_APPROVAL):
        yield f"版が {version.state} なのに、終わっていない決裁の段が {len(open_)} 件"


def _notices(case: Case) -> Iterator[str]:
    reached = set(ContractVersion.unscoped.filter(contract__case=case).values_list("state", flat=True))
    told = Delivery.unscoped.filter(template__in=NOTICES, thread=case.thread)
    for template in set(told.values_list("template", flat=True)):
        if NOTICES[template] not in reached:
            yield f"版が {sorted(reached)} なのに、{template} を知らせた"


def emails_agree(step: SigningStep) -> bool:
    """Tell whether the log's last word on who signs a step is the person in the row."""
    events = Event.objects.filter(tenant_id=step.tenant_id, action="step.reassigned", subject=f"step:{step.pk}")
    last = events.order_by("-seq").first()
    return last is None or json.loads(last.data)["after"].endswith(f"{step.name} <{step.email}>")
