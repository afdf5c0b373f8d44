"""Hand out audit packs: of one case, of a drawn set, of a set that was kept."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import ArchiveEntry, Case
from contracts.packs.writing import pack
from contracts.services import evidence
from contracts.services.auditing.exporting import THREAD, Handed
from contracts.streams.names import file_name
from signing.trust import Trust

MOST_CASES = 500


def of_case(case: Case, *, actor: Actor, at: datetime, trust: Trust) -> Handed:
    """Hand out the pack of one case; it is noted in the journal of the case when it is read."""
    doors.check(permissions.can_read, actor)
    return _handed([case.thread], f"{case.number} {case.title}", actor=actor, at=at, trust=trust)


@transaction.atomic
def of_entries(
    entries: Sequence[ArchiveEntry], *, title: str, question: str, actor: Actor, at: datetime, trust: Trust
) -> Handed:
    """Hand out one pack of what stands behind some entries, each case and each contract of elsewhere once, in order.

    Raises Refusal when there are none, or more than MOST_CASES.
    """
    doors.check(permissions.can_read, actor)
    threads = list(dict.fromkeys(f"case:{entry.case_id}" if entry.case_id else entry.subject for entry in entries))
    if not threads:
        raise Refusal("当てはまる契約がないため、一式を作れません。")
    if len(threads) > MOST_CASES:
        raise Refusal(f"一つの一式に入れられるのは{MOST_CASES}案件までです。条件をしぼるか、件数を減らしてください。")
    told = {"title": title, "question": question, "cases": len(threads)}
    evidence.record_in(THREAD, "archive.packed", subject="archive", actor=actor, at=at, **told)
    return _handed(threads, title, actor=actor, at=at, trust=trust)


def _handed(threads: Sequence[str], title: str, *, actor: Actor, at: datetime, trust: Trust) -> Handed:
    name = file_name("監査資料", title, f"{timezone.localtime(at):%Y%m%d-%H%M}")
    pieces = pack(threads, title=title, actor=actor, at=at, trust=trust)
    return Handed(f"{name}.zip", "application/zip", pieces)
