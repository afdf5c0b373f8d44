"""File what is concluded: one row each, and a new row where what it stands for has changed."""

from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.dates import fiscal_year
from contracts.folding import search_key, search_keys
from contracts.models import Archived, ArchiveEntry, Case, ContractVersion, EntryState

LONGEST = 200
LONGEST_NUMBER = 60
# 行ごとに違ってよいもの。ほかのどれかが変わったときに、新しい行を足す
OWN = {"id", "is_current", "corrects"}


@dataclass(frozen=True)
class Outside:
    """What stands in a case's place for a contract that was concluded elsewhere."""

    tenant_id: int
    number: str = ""
    kind: str = ""
    kind_label: str = ""
    department_id: int | None = None


@dataclass(frozen=True)
class Filing:
    """What is filed about one thing; `subject` names the row it stands for, the day is in Japan, the amount in yen.

    `also` are further numbers under which it is found. A thing without an amount is filed with 0 yen.
    """

    what: Archived
    subject: str
    day: date
    amount: int
    title: str
    party: str
    case: Case | Outside
    state: EntryState = EntryState.IN_FORCE
    version: ContractVersion | None = None
    stamp_duty_saved: int | None = None
    days_to_conclude: int | None = None
    also: tuple[str, ...] = ()


def file(filing: Filing) -> ArchiveEntry:
    """Add an entry for a new thing to the archive of its municipality."""
    entry = _entry(filing)
    entry.save(force_insert=True)
    return entry


def refile(filing: Filing) -> ArchiveEntry:
    """Let the archive say of a thing what is so now; doing it twice changes nothing.

    What was said before stays, and is no longer current; the new entry tells which one it corrects. What was disposed
    of stays disposed of, whatever its rows still say.
    """
    entry = _entry(filing)
    rows = ArchiveEntry.unscoped.select_for_update(no_key=True)
    before = rows.filter(tenant_id=entry.tenant_id, subject=entry.subject, is_current=True).first()
    if before is None:
        entry.save(force_insert=True)
        return entry
    if before.state == EntryState.DISPOSED or _content(before) == _content(entry):
        return before  # type: ignore[no-any-return]
    _replace(before, entry)
    return entry


def restate(current: Any, state: EntryState) -> None:
    """Let the current ones of some entries stand otherwise from now on; all else of them stays as it was filed.

    What was disposed of stays so.
    """
    rows = current.filter(is_current=True).exclude(state__in={state, EntryState.DISPOSED}).order_by("pk")
    for before in rows.select_for_update(of=("self",), no_key=True):
        entry = copy(before)
        entry.pk, entry.state = None, state
        _replace(before, entry)


def _replace(before: ArchiveEntry, entry: ArchiveEntry) -> None:
    before.is_current = False
    before.save(update_fields=["is_current"])
    entry.corrects = before
    entry.save(force_insert=True)


def _entry(filing: Filing) -> ArchiveEntry:
    case = filing.case
    return ArchiveEntry(
        tenant_id=case.tenant_id,
        what=filing.what,
        state=filing.state,
        subject=filing.subject,
        version=filing.version,
        case=case if isinstance(case, Case) else None,
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
        number_key=search_keys(case.number, *filing.also, longest=LONGEST_NUMBER),
    )


def _content(entry: ArchiveEntry) -> dict[str, object]:
    fields = entry._meta.concrete_fields  # noqa: SLF001 - Django が公に文書化している名
    return {field.attname: getattr(entry, field.attname) for field in fields if field.name not in OWN}
