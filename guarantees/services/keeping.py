"""The papers of a guarantee as they were received: kept in the vault, opened with a reason, given up with the key."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import permissions as doors
from accounts.actors import Actor
from contracts.services import evidence
from guarantees import eml, permissions
from guarantees.models import BEARS_KEY, PRIVATE, Arrival, Attachment, Guarantee, PaperSlot
from guarantees.services.refusals import GuaranteeRefused, reason_given
from vault import files

MEGABYTE = 1024 * 1024
MOST_PRIVATE = 10
LONGEST_NAME = 255
ASK_REASON = "書類には認証キーが書かれています。開く理由を入力してください。"


def keep(
    place: Arrival | Guarantee, *, slot: PaperSlot, name: str, content: bytes, actor: Actor, at: datetime
) -> Attachment:
    """Keep the bytes of a paper with an arrival or a guarantee, exactly as they came."""
    stored = files.store(tenant_id=place.tenant_id, content=content)
    kept: Attachment = Attachment.unscoped.create(
        tenant_id=place.tenant_id,
        arrival=place if isinstance(place, Arrival) else None,
        guarantee=place if isinstance(place, Guarantee) else None,
        slot=slot,
        name=eml.visible(name)[-LONGEST_NAME:] or f"{PaperSlot(slot).label}.pdf",
        file=stored,
        sha256=stored.sha256,
        size=stored.size,
        added_by=actor.name,
        added_at=at,
    )
    return kept


def check_size(size: int, *, most: int) -> None:
    """Raise GuaranteeRefused for a file of more bytes than the city takes."""
    if size > most:
        words = _("ファイルが大きすぎます。1ファイルの上限は%(limit)sMBです。")
        raise GuaranteeRefused(words % {"limit": most // MEGABYTE})


@transaction.atomic
def add_private(
    guarantee: Guarantee, *, slot: PaperSlot, name: str, content: bytes, shared: bool, actor: Actor, at: datetime
) -> Attachment:
    """Let the contractor keep a paper of their own beside a guarantee; the orderer sees it only if `shared` (R109)."""
    doors.check(permissions.can_keep_papers, actor)
    if slot not in PRIVATE:
        raise GuaranteeRefused("お客様控えと保証料計算書を保管できます。種類を選んでください。")
    check_size(len(content), most=guarantee.tenant.max_file_bytes)
    if b"%PDF-" not in content[:1024]:
        raise GuaranteeRefused("PDF ファイルを選んでください。")
    if Attachment.unscoped.filter(guarantee=guarantee, slot__in=PRIVATE).count() >= MOST_PRIVATE:
        words = _("保管できるのは、一つの保証に%(most)s件までです。要らないものを消してください。")
        raise GuaranteeRefused(words % {"most": MOST_PRIVATE})
    kept = keep(guarantee, slot=slot, name=name, content=content, actor=actor, at=at)
    if shared:
        kept.shared = True
        kept.save(update_fields=["shared"])
    _record("guarantee.paper_kept", kept, actor=actor, at=at, shared=shared)
    return kept


@transaction.atomic
def remove_private(paper: Attachment, *, actor: Actor, at: datetime) -> None:
    """Let the contractor take back a paper of their own; its bytes are given up."""
    doors.check(permissions.can_keep_papers, actor)
    if not paper.is_private or paper.guarantee is None:
        raise GuaranteeRefused("この書類は、提出したものなので消せません。")
    _record("guarantee.paper_removed", paper, actor=actor, at=at)
    give_up([paper])


@transaction.atomic
def open_(paper: Attachment, *, actor: Actor, at: datetime, reason: str = "") -> bytes:
    """Hand out the bytes of a paper; the opening is evidence, and for what bears a key it takes a reason (R124).

    Raises GuaranteeRefused without a right to see it, without the reason, or when the bytes were given up.
    """
    if actor.is_staff and not permissions.may_handle(actor):
        raise GuaranteeRefused("保証の書類を開ける役割がありません。")
    if paper.guarantee is None:
        raise GuaranteeRefused("登録する前の書類は開けません。")
    if paper.file is None:
        raise GuaranteeRefused("この書類は、認証キーを消した日に一緒に消しました。")
    if actor.is_staff and paper.bears_key:
        reason = reason_given(reason, ask=ASK_REASON)
    _record("guarantee.paper_opened", paper, actor=actor, at=at, reason=reason)
    return files.read(paper.file)


def erase_keys(guarantee: Guarantee, *, at: datetime) -> None:
    """Give up the papers that bear the key of a guarantee; their rows stay and say when (R124)."""
    papers = Attachment.unscoped.filter(guarantee=guarantee, slot__in=BEARS_KEY, file__isnull=False)
    for paper in papers.select_related("file"):
        stored, paper.file, paper.erased_at = paper.file, None, at
        paper.save(update_fields=["file", "erased_at"])
        files.forget(stored)


def give_up(papers: Iterable[Attachment]) -> None:
    """Delete papers together with their bytes, unless another row holds the same bytes."""
    for paper in papers:
        stored = paper.file
        paper.delete()
        if stored is not None:
            files.forget(stored)


def _record(action: str, paper: Attachment, *, actor: Actor, at: datetime, **data: object) -> None:
    assert paper.guarantee is not None  # noqa: S101 - 登録前の書類は、置くのも捨てるのも arriving の仕事
    # 受注者の手元の書類は、あることと種類だけを残す。
    named = {} if paper.is_private else {"name": paper.name, "sha256": paper.sha256}
    about = f"guarantee:{paper.guarantee_id}"
    evidence.record(action, paper.guarantee.case, subject=about, actor=actor, at=at, slot=paper.slot, **named, **data)
