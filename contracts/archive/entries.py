"""File what is concluded: one row each, and a new row where what it stands for has changed."""

from dataclasses import dataclass
from datetime import date

from contracts.dates import fiscal_year
from contracts.folding import search_key
from contracts.models import Archived, ArchiveEntry, Case, ContractVersion, EntryState

LONGEST = 200


@dataclass(frozen=True)
class Filing:
    """What is filed about one thing; `subject` names the row it stands for, the day is in Japan, the amount in yen."""

    what: Archived
    subject: str
    day: date
    amount: int
    title: str
    party: str
    case: Case
    state: EntryState = EntryState.IN_FORCE
    version: ContractVersion | None = None
    stamp_duty_saved: int | None = None
    days_to_conclude: int | None = None


def file(filing: Filing) -> ArchiveEntry:
    """Add an entry to the archive of the case's municipality."""
    case = filing.case
    entry: ArchiveEntry = ArchiveEntry.unscoped.create(
        tenant_id=case.tenant_id,
        what=filing.what,
        state=filing.state,
        subject=filing.subject,
        version=filing.version,
        case=case,
        department_id=case.department_id,
        concluded_date=filing.day,
        fiscal_year=fiscal_year(filing.day),
        amount=filing.amount,
        kind=case.kind,
        kind_label=case.kind_label,
        number=case.number,
        title=filing.title[:LONGEST],
        party=filing.party[:LONGEST],
        stamp_duty_saved=filing.stamp_duty_saved,
        days_to_conclude=filing.days_to_conclude,
        title_key=search_key(filing.title)[:LONGEST],
        party_key=search_key(filing.party)[:LONGEST],
        number_key=search_key(case.number)[:60],
    )
    return entry
