"""Papers on their way in, and those that stay with a guarantee; those of the contractor alone are nobody else's."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor, ActorKind
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models import AccessLink, Case, Purpose
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.models.guarantees import Channel, Guarantee
from vault.columns import SealedField
from vault.models import StoredFile


class PaperSlot(models.TextChoices):
    NOTICE = "notice", "認証キー等のお知らせ"
    CERTIFICATE = "certificate_screen", "保証証書の画面"
    MAIL = "mail", "受け取った電子メール"
    CUSTOMER_COPY = "customer_copy", "お客様控え"
    PREMIUM = "premium", "保証料計算書"


# 受注者の手元の書類。発注者には見せない（R109）
PRIVATE = (PaperSlot.CUSTOMER_COPY, PaperSlot.PREMIUM)
# 認証キーの書かれた書類。見るときは理由を問い、キーを消すときに一緒に消す（R124）
BEARS_KEY = (PaperSlot.NOTICE, PaperSlot.MAIL)


class ArrivalQuerySet(TenantQuerySet["Arrival"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff what staff brought in, and the holder of a guarantee link what came by such a link of its case."""
        rows = super().visible_to(actor)
        if actor.is_staff or actor.is_system:
            return rows.filter(link__isnull=True)
        by_link = rows.filter(link__isnull=False)
        return by_link.filter(case__links__pk=actor.link_id, case__links__purpose=Purpose.GUARANTEE)


class Arrival(TenantModel):
    """The papers of one certificate that were read but not yet handed in; the key waits sealed (R88, R90)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    link = models.ForeignKey(AccessLink, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    brought_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField("提出方法", max_length=10, choices=Channel)
    notice = models.JSONField("お知らせの内容", default=dict, blank=True)
    certificate = models.JSONField("保証証書の内容", default=dict, blank=True)
    # 差出人・件名・送信日時。本文は読まない
    mail = models.JSONField("電子メール", default=dict, blank=True)
    remarks = models.JSONField("読み取りの注意", default=list, blank=True)
    sealed_key = SealedField("認証キー（暗号化）", null=True, blank=True, context="key_context")
    key_length = models.PositiveSmallIntegerField("認証キーの文字数", default=0)
    made_at = models.DateTimeField("読み取った日時")
    due_at = models.DateTimeField("登録されなければ破棄する日時")

    objects: Any = AskedManager.from_queryset(ArrivalQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "登録前の保証"
        verbose_name_plural = "登録前の保証"
        constraints = [
            models.CheckConstraint(
                condition=Q(link__isnull=False, case__isnull=False, brought_by__isnull=True)
                | Q(link__isnull=True, brought_by__isnull=False),
                name="arrival_has_one_bringer",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "due_at"], name="arrival_due")]

    def __str__(self) -> str:
        return self.notice_facts.number or f"登録前の保証 {self.pk}"

    @property
    def key_context(self) -> str:
        """Name the one place in which the sealed key opens."""
        return f"arrival:{self.pk}"

    @property
    def masked_key(self) -> str:
        return "•" * self.key_length

    @property
    def mailed_at(self) -> datetime | None:
        """Tell when the mail was sent; None where there is none, or it does not say."""
        written = self.mail.get("sent_at")
        return datetime.fromisoformat(written) if written else None

    @property
    def notice_facts(self) -> NoticeFacts:
        return NoticeFacts.from_json(self.notice)

    @property
    def certificate_facts(self) -> CertificateFacts:
        return CertificateFacts.from_json(self.certificate)


class AttachmentQuerySet(TenantQuerySet["Attachment"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff what was handed in, and the holder of a guarantee link the papers of its case's guarantees."""
        rows = super().visible_to(actor)
        if actor.kind is ActorKind.CONTRACTOR:
            return rows.filter(
                guarantee__case__links__pk=actor.link_id, guarantee__case__links__purpose=Purpose.GUARANTEE
            )
        handed_in = Q(shared=True) | ~Q(slot__in=PRIVATE)
        return rows.filter(handed_in).exclude(arrival__link__isnull=False)


class Attachment(TenantModel):
    """A paper as it was received. Its row stays when its bytes, which bear the key, are given up."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    guarantee = models.ForeignKey(Guarantee, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    slot = models.CharField("種類", max_length=20, choices=PaperSlot)
    name = models.CharField("ファイル名", max_length=255)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    shared = models.BooleanField("発注者にも見せる", default=False)
    added_by = models.CharField("受け取った人", max_length=200)
    added_at = models.DateTimeField("受け取った日時")
    erased_at = models.DateTimeField("消した日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(AttachmentQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "保証の書類"
        verbose_name_plural = "保証の書類"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(arrival__isnull=False, guarantee__isnull=True)
                | Q(arrival__isnull=True, guarantee__isnull=False),
                name="attachment_has_one_place",
            ),
            models.CheckConstraint(
                condition=Q(file__isnull=False, erased_at__isnull=True) | Q(file__isnull=True, erased_at__isnull=False),
                name="attachment_has_its_bytes_until_erased",
            ),
            models.CheckConstraint(
                condition=Q(shared=False) | Q(slot__in=[slot.value for slot in PRIVATE]),
                name="only_private_papers_are_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_private(self) -> bool:
        return self.slot in PRIVATE

    @property
    def bears_key(self) -> bool:
        return self.slot in BEARS_KEY
