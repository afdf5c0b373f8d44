"""承諾の撤回: until the contract is concluded a firm may go back to paper (建設業法施行令5条の5)."""

from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import messages, permissions
from contracts.models import Case, Consent, ContractVersion
from contracts.services import evidence, links
from contracts.services.consents import archiving
from contracts.services.consents.messages import consent_withdrawn
from contracts.services.signatures import ending
from contracts.states import OPEN_CASES, ConsentState, VersionState

# 生きている版が、承諾の撤回でどう終わるか。すべての署名がそろった後は、撤回できない
ENDS = {
    VersionState.DRAFT: VersionState.DISCARDED,
    VersionState.IN_APPROVAL: VersionState.RETURNED,
    VersionState.SENT: VersionState.RECALLED,
}


class WithdrawalRefused(Refusal):
    """The consent cannot be withdrawn now."""


@transaction.atomic
def withdraw(consent: Consent, *, actor: Actor, at: datetime, reason: str) -> Consent:
    """Take a consent back; a version that is not fully signed ends with it, and its links die.

    Afterwards the case goes on by paper or by a new invitation. Raises WithdrawalRefused without a reason, once all
    have signed or the contract is concluded, and EndingRefused while a signature is being made.
    """
    case, versions = ending.lock_with_versions(consent.case)
    consent = lock(consent)
    doors.check(permissions.can_withdraw_consent, actor, consent)
    if not reason.strip():
        raise WithdrawalRefused("撤回の理由を入力してください。")
    if not is_open(case):
        raise WithdrawalRefused("契約の締結が済んでいるため、承諾は撤回できません。")
    for version in versions:
        _end(version, company=consent.company_name, reason=reason.strip(), at=at)
    consent.move_to(ConsentState.WITHDRAWN)
    consent.withdrawn_at, consent.withdrawal_reason = at, reason.strip()
    consent.save(update_fields=["state", "withdrawn_at", "withdrawal_reason"])
    archiving.follow(consent)
    # 職員が登録した撤回でも、相手方の控えは読めるままにする
    links.revoke_of_consent(consent, at=at)
    consent_withdrawn(consent, staff=_staff_of(case, versions), at=at)
    for version in versions:
        evidence.record(
            "contract.stopped", case, subject=f"version:{version.pk}", actor=actor, at=at, reason=reason.strip()
        )
    evidence.record(
        "consent.withdrawn",
        case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        reason=consent.withdrawal_reason,
    )
    return consent


def is_open(case: Case) -> bool:
    """Tell whether a consent may still be withdrawn: no contract is concluded yet, be it a 仮契約, or made on paper."""
    concluded = ContractVersion.unscoped.filter(contract__case=case, state=VersionState.CONCLUDED).exists()
    return case.state in OPEN_CASES and not concluded


def _end(version: ContractVersion, *, company: str, reason: str, at: datetime) -> None:
    ending.check_no_signature_in_hand(version)
    if version.state not in ENDS:
        raise WithdrawalRefused("すべての署名がそろい、締結の処理をしているため、承諾は撤回できません。")
    why = f"{company}が承諾を撤回しました。理由: {reason}"[:500]
    ending.end(version, ENDS[VersionState(version.state)], reason=why, at=at)
    messages.recalled(version, at=at)


def _staff_of(case: Case, versions: list[ContractVersion]) -> list[User]:
    return [case.registered_by, *(version.drafted_by for version in versions)]
