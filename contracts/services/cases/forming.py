"""What a concluded version brings about: the contract is formed, at once or by the council's vote; the case follows."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts import actors
from accounts.querysets import lock_again
from contracts import hooks, measures
from contracts.archive import entries
from contracts.archive.entries import Filing
from contracts.archive.texts import queueing
from contracts.models import (
    Archived,
    ArchiveEntry,
    Case,
    Contract,
    ContractKind,
    ContractVersion,
    EntryState,
)
from contracts.services.versions import papers
from contracts.states import CaseState, ContractState


def concluded(version: ContractVersion, *, at: datetime) -> None:
    """Form the contract of a version that was just concluded; a 仮契約 waits for the council's vote first."""
    version.contract = contract = lock_again(version.contract)
    if contract.is_provisional:
        contract.move_to(ContractState.COUNCIL_PENDING)
        contract.save(update_fields=["state"])
        return
    assert version.fixed_at is not None  # noqa: S101 - 締結の行に必ずある（制約 concluded_exactly_when_dated）
    form(contract, version=version, in_force=timezone.localdate(version.fixed_at), at=at)


def form(contract: Contract, *, version: ContractVersion, in_force: date, at: datetime) -> None:
    """Note that a contract is in force from a day (JST), file it for the auditors, and tell the apps above.

    `version` is the concluded one, and holds the same contract object.
    """
    contract.move_to(ContractState.IN_FORCE)
    contract.in_force_date = in_force
    contract.save(update_fields=["state", "in_force_date"])
    contract.case = case = lock_again(contract.case)
    _file(version, contract=contract, day=in_force)
    papers = queueing.papers_of(version)
    queueing.read_later(f"version:{version.pk}", papers, tenant_id=version.tenant_id, at=at)
    system = actors.system(case.tenant_id)
    if contract.is_original:
        case.move_to(CaseState.CONCLUDED)
        case.save(update_fields=["state"])
        hooks.contracted(case, actor=system, at=at)
        return
    if contract.kind == ContractKind.AMENDMENT:
        supersede_earlier(contract)
        _follow(case, version)
    hooks.amended(case, day=in_force, actor=system, at=at)


def amendments() -> Any:
    """Return the amendments in force of the municipality in view, for the archive's backfill."""
    return Contract.unscoped.filter(kind=ContractKind.AMENDMENT, state=ContractState.IN_FORCE)


def supersede_earlier(contract: Contract) -> None:
    """Let the archive say 変更済 of what an amendment has changed: the contract, and the amendments before it."""
    earlier = Q(kind=ContractKind.ORIGINAL) | Q(kind=ContractKind.AMENDMENT, number__lt=contract.number)
    contracts = Contract.unscoped.filter(earlier, case=contract.case_id)
    entries.restate(ArchiveEntry.unscoped.filter(version__contract__in=contracts), EntryState.CHANGED)


def end(case: Case) -> None:
    """Let the archive say 終了 of the contracts of a case whose works are completed."""
    filed = ArchiveEntry.unscoped.filter(tenant_id=case.tenant_id, version__contract__case=case)
    entries.restate(filed.filter(state=EntryState.IN_FORCE), EntryState.ENDED)


def _follow(case: Case, version: ContractVersion) -> None:
    """Let the case say the price and the days of the work as they stand now."""
    case.amount = version.amount
    case.work_starts_date, case.work_ends_date = version.work_starts_date, version.work_ends_date
    case.save(update_fields=["amount", "work_starts_date", "work_ends_date"])


def _measures(version: ContractVersion, *, contract: Contract, day: date) -> measures.Measures:
    before = None if contract.is_original else papers.in_force_before(version)
    return measures.measure(
        kind=contract.case.kind,
        amount_without_tax=papers.amount_without_tax(version),
        fixed=day,
        awarded=contract.case.awarded_date if contract.is_original else None,
        before=papers.amount_without_tax(before) if before else None,
        important=contract.kind != ContractKind.CORRECTION,
    )


def _file(version: ContractVersion, *, contract: Contract, day: date) -> None:
    case = contract.case
    title = case.title if contract.is_original else f"{case.title}（{contract.label}）"
    found = _measures(version, contract=contract, day=day)
    entries.file(
        Filing(
            what=Archived.CONTRACT if contract.is_original else Archived.AMENDMENT,
            subject=f"version:{version.pk}",
            day=day,
            amount=version.amount,
            title=title,
            party=case.contractor.name,
            case=case,
            version=version,
            stamp_duty_saved=found.stamp_duty_saved,
            days_to_conclude=found.days_to_conclude,
        )
    )
