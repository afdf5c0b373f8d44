"""Whether what was destroyed was disposed of: the journal vouches for the record whose list names the file."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from audit.models import Event
from contracts.holdings import HOLDINGS, Holding
from contracts.models import Custody, DisposalRecord
from vault.models import StoredFile

DISPOSED = "custody.disposed"
UNTOLD = "鍵が壊されていますが（SHA-256 {}）、承認を得て廃棄した記録がありません。"


def flaws(destroyed: Sequence[StoredFile], *, tenant_id: int) -> list[tuple[str, str]]:
    """List where and what does not hold, of destroyed files of the municipality in view.

    The number of queries is that of the columns which keep files and three more, however many files there are.
    """
    if not destroyed:
        return []
    names = _names(destroyed)
    lists = _lists({custody for found in names.values() for custody, _ in found}, tenant_id=tenant_id)
    return [
        ("保管されたファイル", UNTOLD.format(stored.sha256))
        for stored in destroyed
        if not any(sha256 in lists.get(custody, ()) for custody, sha256 in names[stored.pk])
    ]


def _names(destroyed: Sequence[StoredFile]) -> dict[int, set[tuple[int, str]]]:
    """Find, of each file, the custodies of the rows that keep it, and the SHA-256 that the list of each calls it by."""
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for holding in HOLDINGS:
        for pk, sha256, *custodies in _rows(holding, destroyed):
            found[pk].update((custody, sha256) for custody in custodies if custody is not None)
    return found


def _rows(holding: Holding, destroyed: Sequence[StoredFile]) -> Any:
    model: Any = holding.model
    sha256 = holding.sha256 or f"{holding.column}__sha256"
    rows = model.unscoped.filter(**{f"{holding.column}__in": destroyed})
    return rows.values_list(f"{holding.column}_id", sha256, *holding.ways)


def _lists(custodies: Collection[int], *, tenant_id: int) -> dict[int, set[str]]:
    """Read the lists of what was destroyed with each custody, where the journal names the hash of the list."""
    kept = {each.pk: each for each in Custody.unscoped.filter(pk__in=custodies).select_related("case", "foreign")}
    events = Event.objects.filter(tenant_id=tenant_id, thread__in={each.thread for each in kept.values()})
    subjects = [f"custody:{pk}" for pk in kept]
    data = events.filter(action=DISPOSED, subject__in=subjects).values_list("subject", "data")
    told = {(subject, json.loads(each).get("files_sha256")) for subject, each in data}
    records = DisposalRecord.unscoped.filter(custody__in=kept)
    return {
        record.custody_id: {each["sha256"] for each in record.files if not each["kept"]}
        for record in records
        if (f"custody:{record.custody_id}", digest(record.files)) in told
    }


def digest(listed: list[dict[str, Any]]) -> str:
    """Hash a list of files as the record of a disposal does: its JSON with sorted keys, in UTF-8."""
    return hashlib.sha256(json.dumps(listed, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
