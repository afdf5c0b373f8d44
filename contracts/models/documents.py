"""The documents of a version and their revisions. A revision is stored as what it is: the appended tail."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models.lifecycle import append_only
from contracts.models.links import Purpose
from contracts.models.versions import ContractVersion
from vault.models import StoredFile


class DocumentKind(models.TextChoices):
    CONTRACT = "contract", "契約書"
    SPECIFICATION = "specification", "仕様書"
    APPENDIX = "appendix", "別紙"
    # 署名する一式には入らず、その横に立つ
    CERTIFICATE = "certificate", "合意締結証明書"


class DocumentQuerySet(TenantQuerySet["Document"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff their city's documents, and the holder of a signing or download link those it names.

        What was taken out of a draft is told by the log alone.
        """
        rows = super().visible_to(actor).filter(removed_at__isnull=True)
        if actor.is_staff or actor.is_system:
            return rows
        if actor.purpose not in {Purpose.SIGN, Purpose.DOWNLOAD}:
            return rows.none()
        return rows.filter(version__steps__links__pk=actor.link_id)

    def of_the_set(self) -> Self:
        """Leave out what stands beside the set that is signed together."""
        return self.exclude(kind=DocumentKind.CERTIFICATE)


class Document(TenantModel):
    """One file of the set that is signed together (封筒)."""

    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="documents")
    order = models.PositiveSmallIntegerField("並び順")
    kind = models.CharField("種類", max_length=20, choices=DocumentKind)
    title = models.CharField("文書名", max_length=200)
    pages = models.PositiveIntegerField("ページ数")
    uploaded_name = models.CharField("元のファイル名", max_length=255, blank=True)
    received = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="受け取ったままのファイル",
    )
    normalised = models.JSONField("受付時に整えたこと", default=list)
    signed_fields = models.JSONField("受け取ったときの署名欄", default=list)
    warnings = models.JSONField("受付時の注意", default=list)
    removed_at = models.DateTimeField("起案から外した日時", null=True, blank=True)
    # このシステムが作った文書だけに付く（signing.pdf.identity）。書き直されたファイルから、原本のある市を知る
    mark = models.CharField("文書の印", max_length=64, blank=True)

    objects: Any = AskedManager.from_queryset(DocumentQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "文書"
        verbose_name_plural = "文書"
        constraints = [
            models.UniqueConstraint(fields=["version", "order"], name="one_document_per_place"),
            models.CheckConstraint(
                condition=Q(received__isnull=True, normalised=[]) | Q(received__isnull=False) & ~Q(normalised=[]),
                name="received_exactly_when_normalised",
            ),
        ]
        indexes = [models.Index(fields=["mark"], condition=~Q(mark=""), name="document_by_mark")]

    def __str__(self) -> str:
        return self.title


class Revision(TenantModel):
    """Bytes that were added to a document: the frozen upload (number 0), then one tail per signature.

    A tail without a step was added by the program itself: the seal of a 合意締結証明書, or a renewal of the evidence.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField("版")
    size = models.PositiveBigIntegerField("全体の大きさ（バイト）")
    sha256 = models.CharField("全体の SHA-256", max_length=64)
    tail = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey(
        "contracts.SigningStep", on_delete=models.PROTECT, null=True, blank=True, related_name="revisions"
    )
    made_at = models.DateTimeField("作成日時")
    timestamped_at = models.DateTimeField("署名タイムスタンプの時刻", null=True, blank=True)
    archived_at = models.DateTimeField("文書タイムスタンプの時刻", null=True, blank=True)
    tsa = models.CharField("時刻認証局", max_length=200, blank=True)
    key_fingerprint = models.CharField("署名の証明書の SHA-256", max_length=64, blank=True)
    # 次の署名を足すのに要ること（signing.standing）。空なら、本体を読めば分かる。
    standing = models.BinaryField("立ち位置", default=b"")

    class Meta(TenantModel.Meta):
        verbose_name = "文書の版"
        verbose_name_plural = "文書の版"
        indexes = [models.Index(fields=["tenant", "made_at"], name="revision_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["document", "step"], condition=Q(step__isnull=False), name="one_signature_per_party"
            ),
            models.CheckConstraint(
                condition=Q(number=0, step__isnull=True, timestamped_at__isnull=True, archived_at__isnull=True)
                | Q(number__gt=0, timestamped_at__isnull=False)
                & (Q(step__isnull=False) | Q(archived_at__isnull=False)),
                name="signed_revisions_are_timestamped",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.document_id}.{self.number}"

    @property
    def is_renewal(self) -> bool:
        """Tell whether it only put a newer document timestamp over what was there."""
        return self.number > 0 and not self.key_fingerprint and self.step_id is None
