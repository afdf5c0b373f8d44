"""After the original contract: 変更契約 (第n回) under a concluded electronic parent, 訂正合意 of a slip, or neither."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import Case, Contract, ContractKind, ContractVersion
from contracts.services import evidence
from contracts.services.signatures import ordering
from contracts.services.versions import drafting, papers, sheets
from contracts.states import LIVE_VERSIONS, CaseState, ContractState

TITLES = {ContractKind.AMENDMENT: "変更契約", ContractKind.CORRECTION: "訂正合意"}


class AmendmentRefused(Refusal):
    """The contract cannot be changed electronically now; the text says what to do instead."""


@transaction.atomic
def amend(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    signatory: User,
    reason: str,
    kind: ContractKind = ContractKind.AMENDMENT,
    is_provisional: bool = False,
) -> ContractVersion:
    """Open the next amendment or correction of a case, starting from the terms in force; the consent is inherited.

    Raises AmendmentRefused where the original contract is on paper (R43), not in force yet, or without a reason.
    """
    case = lock(case)
    doors.check(permissions.can_register, actor)
    refuse_without_parent(case)
    if not reason.strip():
        raise AmendmentRefused("変更・訂正の理由を入力してください。")
    _check_addresses(case)
    contract = _contract(case, kind=kind, is_provisional=is_provisional)
    base = papers.in_force_before_all(case)
    sheet = replace(sheets.sheet_of(base), contract_date=None, reason=reason.strip())
    version = drafting.open_version(contract, actor=actor, at=at, signatory=signatory, sheet=sheet)
    if version.reason != reason.strip():
        version.reason = reason.strip()
        version.save(update_fields=["reason"])
    return version


def refuse_without_parent(case: Case) -> None:
    """Explain why a case has no electronic contract that could be changed (R43)."""
    if case.state == CaseState.PAPER:
        raise AmendmentRefused(
            "当初契約を紙で締結しているため、変更契約も紙で締結してください。"
            "電子契約で変更できるのは、当初契約を電子契約で締結した案件に限ります。"
        )
    original = Contract.unscoped.filter(case=case, kind=ContractKind.ORIGINAL).first()
    if original is None or original.state != ContractState.IN_FORCE:
        raise AmendmentRefused("当初契約がまだ成立していないため、変更できません。成立の後にお試しください。")


def _check_addresses(case: Case) -> None:
    """Hold a changed address to its round trip before anything is sent there again (R44, R45)."""
    consents = ordering.accepted_consents(case)
    for firm in ordering.firms_of(case):
        if firm.pk not in consents:
            raise AmendmentRefused(f"{firm.full_name}の承諾がないため、電子契約では変更できません。")
        if consents[firm.pk].address_confirmed_at is None:
            raise AmendmentRefused(f"{firm.full_name}の新しい宛先の確認が済んでいません。確認をお待ちください。")


def _contract(case: Case, *, kind: ContractKind, is_provisional: bool) -> Contract:
    """Go on with the one that is being prepared, or open the next number."""
    preparing = Contract.unscoped.filter(case=case, kind=kind, state=ContractState.PREPARING).first()
    if preparing is not None:
        return preparing  # type: ignore[no-any-return]
    made: Contract = Contract.unscoped.create(
        tenant_id=case.tenant_id,
        case=case,
        kind=kind,
        number=drafting.last_number(case, kind) + 1,
        title=_title(case, kind),
        is_provisional=is_provisional and kind == ContractKind.AMENDMENT,
    )
    return made


def _title(case: Case, kind: ContractKind) -> str:
    """Name the contract after its case, shortening the name of the work where both are too long together."""
    ending = f"（{TITLES[kind]}）"
    return f"{case.title[: 200 - len(ending)]}{ending}"


@transaction.atomic
def drop(contract: Contract, *, actor: Actor, at: datetime, reason: str) -> Contract:
    """Drop an amendment or correction for good; nothing was concluded under its number, so the next one takes it.

    Raises AmendmentRefused while one of its versions is alive, or without a reason.
    """
    contract = lock(contract)
    case = lock(contract.case)
    doors.check(permissions.can_drop, actor, contract)
    if not reason.strip():
        raise AmendmentRefused("取りやめの理由を入力してください。")
    if ContractVersion.unscoped.filter(contract=contract, state__in=LIVE_VERSIONS).exists():
        raise AmendmentRefused(
            "手続きの途中の版があります。起案を取り止めるか、署名依頼を取り下げてからお試しください。"
        )
    contract.move_to(ContractState.DROPPED)
    contract.drop_reason = reason.strip()
    contract.save(update_fields=["state", "drop_reason"])
    evidence.record(
        "contract.dropped",
        case,
        subject=f"contract:{contract.pk}",
        actor=actor,
        at=at,
        title=contract.label,
        reason=contract.drop_reason,
    )
    return contract
