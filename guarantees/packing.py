"""What guarantees put into the audit pack of a case: each with its check and its papers, and nothing that opens one."""

from typing import Any

from django.db.models import Prefetch

from accounts.actors import Actor
from contracts.hooks import PackFile, PackSection
from contracts.models import Case
from guarantees.models import Attachment, Guarantee

NAME, TEMPLATE = "保証", "guarantees/pack.html"
BEARS_KEY = "認証キーが書かれているため、一式に入れていません。"
ERASED = "認証キーを消した日に、一緒に消しました。"
PEOPLE = ("institution", "checked_by", "decided_by", "amends")


def section(case: Case, actor: Actor) -> PackSection:
    """Tell the guarantees of a case; what bears a key, and what the contractor keeps to itself, stays out (R124)."""
    papers = Attachment.objects.visible_to(actor).select_related("file").order_by("pk")
    rows = Guarantee.objects.visible_to(actor).filter(case=case).select_related(*PEOPLE).order_by("pk")
    guarantees = list(rows.prefetch_related(Prefetch("papers", papers)))
    return PackSection(
        name=NAME,
        template=TEMPLATE,
        standing="・".join(dict.fromkeys(each.get_state_display() for each in guarantees)),
        told=[_told(each) for each in guarantees],
        files=tuple(_file(paper, each) for each in guarantees for paper in each.papers.all() if not _left_out(paper)),
    )


def _told(row: Guarantee) -> dict[str, Any]:
    return {
        "type": row.get_type_display(),
        "number": row.number,
        "state": row.get_state_display(),
        "expected": row.expected_text,
        "institution": str(row.institution or ""),
        "paper_kind": row.get_paper_kind_display(),
        "guaranteed_amount": row.guaranteed_amount,
        "channel": row.get_channel_display(),
        "submitted_by": row.submitted_by,
        "submitted_at": row.submitted_at,
        "facts": row.facts,
        "facts_source": row.get_facts_source_display(),
        "findings": row.findings,
        "checked_by": row.checked_by.name if row.checked_by else "",
        "checked_at": row.checked_at,
        "decided_by": row.decided_by.name if row.decided_by else "",
        "decided_at": row.decided_at,
        "reason": row.reason,
        "released_at": row.released_at,
        "papers": [_paper(paper) for paper in row.papers.all()],
    }


def _paper(paper: Attachment) -> dict[str, Any]:
    return {
        "kind": paper.get_slot_display(),
        "name": paper.name,
        "sha256": paper.sha256,
        "added_by": paper.added_by,
        "added_at": paper.added_at,
        "left_out": _left_out(paper),
    }


def _left_out(paper: Attachment) -> str:
    """Say why a paper is not in the pack; "" when it is."""
    if paper.file is None:
        return ERASED
    return BEARS_KEY if paper.bears_key else ""


def _file(paper: Attachment, guarantee: Guarantee) -> PackFile:
    assert paper.file is not None  # noqa: S101 - 消した書類は _left_out が除いた
    kind = paper.get_slot_display()
    return PackFile(f"{guarantee.pk}_{paper.pk}_{kind}_{paper.name}", f"{kind}（{paper.name}）", paper.file)
