"""In whose name a municipality's mails leave, and at which hours."""

from datetime import time
from typing import Any, Self

from django.db import models

from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet


class MailPolicyQuerySet(TenantQuerySet["MailPolicy"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff the policy of their own house; to all others, nothing."""
        return super().visible_to(actor) if actor.is_staff else self.none()


class MailPolicy(TenantModel):
    """How one municipality or guarantor writes its mails; where no row stands, the defaults hold.

    The hours are those of Japan. Nothing that a machine decides leaves between `quiet_from` and `quiet_until`, nor
    on a closed day; the digests of a morning leave from `morning` on.
    """

    tenant = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="mail_policy", editable=False, verbose_name="団体"
    )
    sender_name = models.CharField("差出人の名前", max_length=100, blank=True)
    sender_address = models.CharField("差出人のアドレス", max_length=254, blank=True)
    reply_to = models.CharField("返信先のアドレス", max_length=254, blank=True)
    quiet_from = models.TimeField("送信を控え始める時刻", default=time(18, 30))
    quiet_until = models.TimeField("送信を控え終える時刻", default=time(8))
    morning = models.TimeField("朝のまとめを送る時刻", default=time(8))
    remind_at = models.DateTimeField("次にまとめを作る日時", null=True, editable=False)
    edit_number = models.PositiveIntegerField(default=0)

    objects: Any = AskedManager.from_queryset(MailPolicyQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "メールの設定"
        verbose_name_plural = "メールの設定"
        indexes = [
            models.Index(
                fields=["tenant", "remind_at"], condition=models.Q(remind_at__isnull=False), name="mornings_to_come"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.sender_name}"
