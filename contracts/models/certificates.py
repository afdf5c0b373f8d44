"""The certificates this installation has signed with, or is timestamped under."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class CertificateKind(models.TextChoices):
    SIGNING = "signing", "署名"
    TIMESTAMP = "timestamp", "タイムスタンプ"


class Certificate(models.Model):
    """One certificate, kept after its key is gone from the configuration; it belongs to no municipality.

    A stopped one, and every other certificate of the same key, signs no more. `is_last` says that no other key or
    certificate was found to follow it.
    """

    fingerprint = models.CharField("証明書の SHA-256", max_length=64, unique=True)
    public_key = models.CharField("公開鍵の SHA-256", max_length=64)
    kind = models.CharField("用途", max_length=20, choices=CertificateKind)
    name = models.CharField("設定での名", max_length=100)
    subject = models.CharField("所有者", max_length=200)
    owners = ArrayField(models.SlugField(max_length=40), verbose_name="使う自治体（空は共用）", default=list)
    starts_at = models.DateTimeField("使い始め")
    ends_at = models.DateTimeField("使い終わり")
    is_last = models.BooleanField("後を継ぐものがない", default=False)
    stopped_at = models.DateTimeField("止めた日時", null=True, blank=True)
    stopped_because = models.CharField("止めた理由", max_length=200, blank=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "証明書"
        verbose_name_plural = "証明書"
        ordering = ["kind", "-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_because="")
                | Q(stopped_at__isnull=False) & ~Q(stopped_because=""),
                name="stopped_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.subject}）"
