"""A certificate saved from the guarantor's viewing service is read for the clerk, and kept (R107)."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.querysets import lock
from contracts.services import evidence
from guarantees import permissions, reading
from guarantees.facts import CertificateFacts
from guarantees.models import Attachment, Guarantee, PaperSlot
from guarantees.reading import Kind
from guarantees.services import keeping
from guarantees.services.refusals import GuaranteeRefused

A_NOTICE = (
    "これは「認証キー」等のお知らせです。照合に使うのは証書の画面です。"
    "保証確認サービスで証書を開き、保存したPDFを選んでください。"
)
NO_TEXT = "このPDFには文字の情報がありません（紙を読み取った画像など）。証書を見ながら入力してください。"
NO_CERTIFICATE = "このPDFからは、証書の内容を読み取れません。証書を見ながら入力してください。"


@transaction.atomic
def read_saved(guarantee: Guarantee, *, content: bytes, actor: Actor, at: datetime) -> CertificateFacts:
    """Read a saved certificate for a person to confirm, and keep it; nothing is compared or decided.

    Raises GuaranteeRefused for a file that is too large, that is no certificate, or that bears a key.
    """
    guarantee = lock(guarantee)
    if not permissions.can_check(actor, guarantee):
        raise GuaranteeRefused("この保証は、今は照合できません。画面を開き直してご確認ください。")
    keeping.check_size(len(content), most=guarantee.case.tenant.max_file_bytes)
    found = reading.read(content)
    if found.kind is Kind.NOTICE:
        raise GuaranteeRefused(A_NOTICE)
    if found.certificate is None:
        raise GuaranteeRefused(NO_TEXT if found.kind is Kind.SCAN else NO_CERTIFICATE)
    kept = keep_screen(guarantee, content=content, actor=actor, at=at)
    subject = f"guarantee:{guarantee.pk}"
    evidence.record("guarantee.screen_read", guarantee.case, subject=subject, actor=actor, at=at, sha256=kept.sha256)
    return found.certificate


def keep_screen(guarantee: Guarantee, *, content: bytes, actor: Actor, at: datetime) -> Attachment:
    """Keep the PDF of a certificate beside its guarantee, the same bytes only once."""
    slot, sha256 = PaperSlot.CERTIFICATE, hashlib.sha256(content).hexdigest()
    known: Attachment | None = Attachment.unscoped.filter(guarantee=guarantee, slot=slot, sha256=sha256).first()
    name = f"保証証書_{guarantee.number}.pdf"
    return known or keeping.keep(guarantee, slot=slot, name=name, content=content, actor=actor, at=at)
