"""Every mail that anyone was ever told by: what, to whom, and what became of it."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from vault.columns import SealedField


class DeliveryState(models.TextChoices):
    QUEUED = "queued", "未送信"
    SENDING = "sending", "送信中"
    SENT = "sent", "送信済"
    FAILED = "failed", "送信できず"
    BOUNCED = "bounced", "不達"
    CANCELLED = "cancelled", "取消し"


WAITING = (DeliveryState.QUEUED, DeliveryState.SENDING)


class DeliveryQuerySet(TenantQuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff what their municipality has told whom; to all others, nothing."""
        return super().visible_to(actor) if actor.is_staff else self.none()


class Delivery(TenantModel):
    """A mail that must go out: written in the transaction that decides it, sent by a worker.

    While it is being sent, `next_attempt_at` is the moment from which another worker may take it over. `uid` names
    the mail to the outside (Message-ID, return path). `about` names what it is for ("step:12"), `link_hash` the link
    it carried, by the SHA-256 of its token. `own_words` are the organization's own words as they were sent (subject,
    lead, note); of a mail that waits, only a sample has them already. `answers` keeps what was ever answered to it,
    oldest first: {"at": ISO 8601, "code": "550" or "5.1.1", "text": …}.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("用件", max_length=500)
    to = models.CharField("宛先", max_length=254)
    recipient_name = models.CharField("宛名", max_length=400, blank=True)
    template = models.CharField("文面", max_length=100)
    context = models.JSONField("差込", default=dict)
    own_words = models.JSONField("団体の文面", default=dict)
    sealed_link = SealedField("リンク（暗号化）", null=True, context="link_context")
    sealed_code = SealedField("コード（暗号化）", null=True, context="code_context")
    link_hash = models.CharField("リンクの印", max_length=64, blank=True)
    thread = models.CharField("綴り", max_length=100, blank=True)
    about = models.CharField("何のメールか", max_length=100, blank=True)
    state = models.CharField("状態", max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    attempts = models.PositiveIntegerField("試行回数", default=0)
    created_at = models.DateTimeField("登録日時")
    next_attempt_at = models.DateTimeField("次の試行日時", null=True)
    sent_at = models.DateTimeField("送信日時", null=True)
    message_id = models.CharField("Message-ID", max_length=200)
    last_error = models.CharField("直近の不達理由", max_length=500, blank=True)
    answers = models.JSONField("相手の答え", default=list)
    bounced_at = models.DateTimeField("不達が分かった日時", null=True)
    bounce_code = models.CharField("不達の記号", max_length=20, blank=True)
    cancelled_at = models.DateTimeField("取り消した日時", null=True)
    cancel_reason = models.CharField("取り消した理由", max_length=200, blank=True)

    objects: Any = AskedManager.from_queryset(DeliveryQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "通知"
        verbose_name_plural = "通知"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="told_once"),
            # 受け取られたと知る前に、不達だけが届くこともある
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state="bounced")
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="sent_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], next_attempt_at__isnull=False)
                | (~Q(state__in=["queued", "sending"]) & Q(next_attempt_at__isnull=True)),
                name="due_exactly_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="bounced", bounced_at__isnull=False)
                | (~Q(state="bounced") & Q(bounced_at__isnull=True)),
                name="bounced_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="cancelled_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(sealed_link__isnull=True) | Q(state__in=["queued", "sending"]),
                name="link_kept_only_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(sealed_code__isnull=True) | Q(state__in=["queued", "sending"]),
                name="code_kept_only_while_waiting",
            ),
            # 一通に、リンクとそれを開くコードを並べない
            models.CheckConstraint(
                condition=Q(sealed_code__isnull=True) | Q(sealed_link__isnull=True), name="no_code_beside_a_link"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="delivery_due"
            ),
            models.Index(fields=["tenant", "thread", "-id"], name="delivery_thread"),
            models.Index(fields=["tenant", "link_hash"], condition=~Q(link_hash=""), name="delivery_link"),
            # 届いていないメールの一覧
            models.Index(fields=["tenant", "-id"], condition=Q(state__in=["failed", "bounced"]), name="delivery_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.to}"

    @property
    def link_context(self) -> str:
        """Name the one place in which the sealed link opens."""
        return f"delivery:{self.key}"

    @property
    def code_context(self) -> str:
        """Name the one place in which the sealed code opens."""
        return f"delivery-code:{self.key}"
