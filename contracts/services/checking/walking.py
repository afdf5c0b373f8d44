"""Check everything a city keeps, slice by slice: a slice holds no lock, and whoever dies in one loses only that one."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts import actors, tenancy
from audit import verifying
from contracts.models import CheckPart, Document, RecordCheck, Revision
from contracts.services import evidence
from contracts.services.checking import alarming, disposals, documents, papers
from contracts.services.upkeep import chores
from vault import checking
from vault.models import StoredFile

logger = logging.getLogger(__name__)
TROUBLE = "確認を続けられませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"
THREAD = "records"
DOCUMENTS, FILES, BYTES = 20, 50, 64
LAST_BYTE = 256


@dataclass
class Slice:
    """What one piece of a part brought: how many were looked at, where to go on (None at its end), and the flaws."""

    count: int
    reached: int | None
    flaws: list[tuple[str, str]] = field(default_factory=list)


def check_next(*, tenant_id: int, at: datetime) -> bool:
    """Do the next slice of a municipality's check; False when none is due."""

    def act(check: RecordCheck) -> None:
        with tenancy.acting_for(tenant_id):
            found = LOOK[check.part](check)
        with tenancy.acting_for(tenant_id):
            _keep(check, found, at=at)

    rows = RecordCheck.unscoped.filter(done_at__isnull=True)
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE)


def _journal(check: RecordCheck) -> Slice:
    report = verifying.verify_chain(tenant_id=check.tenant_id)
    flaws = [] if report.intact else [(f"操作記録 第{report.broken_at}号", report.why)]
    return Slice(report.events, None, flaws)


def _documents(check: RecordCheck) -> Slice:
    rows = Document.unscoped.filter(tenant_id=check.tenant_id, pk__gt=check.reached).order_by("pk")
    found = list(rows.select_related("version__contract__case").prefetch_related("revisions__tail")[:DOCUMENTS])
    return Slice(len(found), found[-1].pk if found else None, list(documents.flaws(found)))


def _files(check: RecordCheck) -> Slice:
    tails = Exists(Revision.unscoped.filter(tail=OuterRef("pk")))
    rows = StoredFile.objects.filter(tenant_id=check.tenant_id, pk__gt=check.reached).annotate(is_tail=tails)
    found = list(rows.order_by("pk")[:FILES])
    # 版の内容は、文書として確かめた。書類の行が版を指していないか、廃棄の一覧に版もあるかは、ここで見る
    others = [stored for stored in found if not stored.is_tail]
    flaws = [("保管されたファイル", why) for why in map(checking.flaw, others) if why]
    flaws += papers.flaws(found, tenant_id=check.tenant_id)
    destroyed = [stored for stored in found if stored.destroyed_at is not None]
    flaws += disposals.flaws(destroyed, tenant_id=check.tenant_id)
    return Slice(len(others), found[-1].pk if found else None, flaws)


def _strays(check: RecordCheck) -> Slice:
    # 下書きから外した文書や途中で止まった取引の、鍵のない残り。開けないだけで、記録に欠けはないので、数えるにとどめる
    until = min(check.reached + BYTES, LAST_BYTE)
    found = [
        f"{check.tenant_id}/{name[:2]}/{name}"
        for byte in range(check.reached, until)
        for name in checking.strays(check.tenant_id, byte, at=check.asked_at)
    ]
    for path in found:
        logger.warning("no row knows the file %s", path)
    return Slice(len(found), None if until == LAST_BYTE else until)


LOOK: dict[str, Callable[[RecordCheck], Slice]] = {
    CheckPart.JOURNAL: _journal,
    CheckPart.DOCUMENTS: _documents,
    CheckPart.FILES: _files,
    CheckPart.STRAYS: _strays,
}
COUNTED = {
    CheckPart.JOURNAL: "events",
    CheckPart.DOCUMENTS: "documents",
    CheckPart.FILES: "files",
    CheckPart.STRAYS: "strays",
}


def _keep(check: RecordCheck, found: Slice, *, at: datetime) -> None:
    """Write down what a slice brought, and where the next begins, if the row is still in our hands."""
    row = chores.held(check)
    if row is None:
        return
    name = COUNTED[CheckPart(row.part)]
    setattr(row, name, getattr(row, name) + found.count)
    row.note(found.flaws)
    row.due_at, row.failures, row.last_error = at, 0, ""
    if found.reached is not None:
        row.reached = found.reached
    elif row.part == CheckPart.STRAYS:
        row.done_at = at
    else:
        parts = list(LOOK)
        row.part, row.reached = parts[parts.index(CheckPart(row.part)) + 1], 0
    row.save()
    if row.done_at:
        _close(row, at=at)


def _close(check: RecordCheck, *, at: datetime) -> None:
    """Tell who must know, and write into the journal that everything was looked at."""
    if check.flaws:
        alarming.tell(check, at=at)
    counts = {name: getattr(check, name) for name in (*COUNTED.values(), "flaws")}
    actor = actors.system(check.tenant_id)
    evidence.record_in(THREAD, "records.checked", subject=f"check:{check.pk}", actor=actor, at=at, **counts)
