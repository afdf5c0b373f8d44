"""What is left to do for a contract after it is concluded: keep its evidence alive for decades, and attest it."""

from django.db import models
from django.db.models import Q

from accounts.querysets import TenantModel
from contracts.models.documents import Document
from contracts.models.versions import ContractVersion


class Upkeep(TenantModel):
    """Work that nobody waits for: the row is the queue, and belongs to whoever holds its fencing number.

    `due_at` is the moment from which it may be taken: by anyone while nobody has it, by the next worker once the one
    that took it has been silent for a lease.
    """

    due_at = models.DateTimeField("手に取れる日時")
    fence = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField("続けて失敗した回数", default=0)
    last_error = models.CharField("直近の理由", max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        abstract = True


class Renewal(Upkeep):
    """Until when a concluded document proves itself, and the work of renewing that before it ends (R36).

    `evidence_until` is empty until the document has been looked at.
    """

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="renewal")
    evidence_until = models.DateTimeField("証拠の期限", null=True, blank=True)
    renewed_at = models.DateTimeField("最後に延長した日時", null=True, blank=True)

    class Meta(Upkeep.Meta):
        verbose_name = "証拠の延長"
        verbose_name_plural = "証拠の延長"
        indexes = [
            models.Index(fields=["tenant", "due_at"], name="renewal_due"),
            models.Index(fields=["tenant", "evidence_until"], name="renewal_by_end"),
            models.Index(fields=["tenant", "renewed_at"], name="renewal_by_day"),
            models.Index(fields=["tenant", "evidence_until"], condition=~Q(last_error=""), name="renewal_failing"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}"


class ConclusionCertificate(Upkeep):
    """The 合意締結証明書 of a concluded version, and the work of making it; it stands beside the signed set."""

    version = models.OneToOneField(ContractVersion, on_delete=models.PROTECT, related_name="certificate")
    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="attestation"
    )

    class Meta(Upkeep.Meta):
        verbose_name = "合意締結証明書"
        verbose_name_plural = "合意締結証明書"
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=Q(document__isnull=True), name="certificate_due"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}"
