"""The front sheet of a version in plain values: what a drafter settles, compared and copied as one."""

from dataclasses import dataclass
from datetime import date

from contracts.models import ContractVersion
from contracts.terms import Terms


@dataclass(frozen=True)
class Sheet:
    """What a drafter settles for one version: the front sheet in plain values (yen with tax, days in Japan)."""

    amount: int
    work_starts_date: date
    work_ends_date: date
    contract_date: date | None
    clause_set: str
    terms: Terms
    reason: str = ""
    level: str = ""


def sheet_of(version: ContractVersion) -> Sheet:
    """Read a version's front sheet."""
    return Sheet(
        amount=version.amount,
        work_starts_date=version.work_starts_date,
        work_ends_date=version.work_ends_date,
        contract_date=version.contract_date,
        clause_set=version.clause_set,
        terms=Terms.from_json(version.terms),
        reason=version.reason,
        level=version.level,
    )


def fill(version: ContractVersion, sheet: Sheet) -> None:
    """Write a front sheet into a version's columns."""
    version.amount = sheet.amount
    version.work_starts_date, version.work_ends_date = sheet.work_starts_date, sheet.work_ends_date
    version.contract_date, version.clause_set, version.reason = sheet.contract_date, sheet.clause_set, sheet.reason
    version.terms, version.level = sheet.terms.to_json(), sheet.level
