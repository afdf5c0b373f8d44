"""Where the city's other systems are told at once what has happened, and every message to them."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import TenantModel
from audit import labels
from vault.columns import SealedField

TEST = "webhook.test"


class Webhook(TenantModel):
    """An address of another system of the city, and the secret with which it knows that a message is ours."""

    name = models.CharField("受け取る仕組みの名", max_length=60)
    url = models.CharField("宛先", max_length=500)
    kinds = models.JSONField("知らせる出来事", default=list)
    sealed_secret = SealedField("署名の秘密（暗号化）", null=True, context="context")
    # 替えた後しばらくは、前の秘密でも署名する
    sealed_former = SealedField("前の秘密（暗号化）", null=True, blank=True, context="context")
    former_until = models.DateTimeField("前の秘密を使い終える日時", null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時")
    failing_since = models.DateTimeField("届かなくなった日時", null=True, blank=True)
    stopped_at = models.DateTimeField("止めた日時", null=True, blank=True)
    stopped_because = models.CharField("止めたわけ", max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "知らせの宛先"
        verbose_name_plural = "知らせの宛先"
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_because="")
                | Q(stopped_at__isnull=False) & ~Q(stopped_because=""),
                name="webhook_stops_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def context(self) -> str:
        """Name the one place in which its secrets open."""
        return f"webhook:{self.pk}"

    @property
    def kind_labels(self) -> list[str]:
        return [labels.of(kind) for kind in self.kinds]


class WebhookMessage(TenantModel):
    """One message: written with what it tells of, sent until it is taken, kept for a while as a log."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="messages")
    uid = models.CharField("知らせの名", max_length=60)
    kind = models.CharField("出来事", max_length=60)
    body = models.TextField("内容")
    made_at = models.DateTimeField("起きた日時")
    # 空なら、もう送らない
    due_at = models.DateTimeField("次に送る日時", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("送った回数", default=0)
    first_tried_at = models.DateTimeField("初めに送った日時", null=True, blank=True)
    last_tried_at = models.DateTimeField("最後に送った日時", null=True, blank=True)
    taken_at = models.DateTimeField("届いた日時", null=True, blank=True)
    last_answer = models.CharField("最後の答え", max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "知らせ"
        verbose_name_plural = "知らせ"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "webhook", "uid"], name="one_message_per_name"),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(due_at__isnull=True), name="taken_messages_are_not_due"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=Q(due_at__isnull=False), name="webhook_due"),
            models.Index(fields=["tenant", "webhook", "-id"], name="webhook_log"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"

    @property
    def label(self) -> str:
        return "試し" if self.kind == TEST else labels.of(self.kind)
