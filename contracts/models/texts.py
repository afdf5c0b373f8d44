"""The text inside the frozen PDFs of what is archived: the work of reading it, and what was read."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.querysets import TenantModel
from contracts.models.upkeep import Upkeep
from vault.models import StoredFile


class Reading(models.IntegerChoices):
    """How far the reading of a document came."""

    WAITING = 1, "読み取り待ち"
    READ = 2, "読み取り済み"
    SCANNED = 3, "画像のページがあり、OCR なし"
    UNREADABLE = 4, "読み取れない"


class DocumentText(Upkeep):
    """The text of one frozen PDF, and the work of reading it once: the row is the queue.

    `subject` is that of the archive's entry the document belongs to. `last_error` says why there is no text, or not
    yet. `scans` counts the pages that show something but hold no characters, `recognised` those of them that a program
    for pictures read.
    """

    subject = models.CharField(max_length=60)
    title = models.CharField("文書名", max_length=200)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    state = models.PositiveSmallIntegerField("状態", choices=Reading, default=Reading.WAITING)
    pages = models.PositiveIntegerField("ページ数", default=0)
    characters = models.PositiveIntegerField("文字数", default=0)
    is_cut = models.BooleanField("上限まで", default=False)
    scans = models.PositiveIntegerField("画像のページ", default=0)
    recognised = models.PositiveIntegerField("OCR で読んだページ", default=0)
    read_at = models.DateTimeField("読み取った日時", null=True, blank=True)

    class Meta(Upkeep.Meta):
        verbose_name = "文書の本文"
        verbose_name_plural = "文書の本文"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "subject", "file"], name="one_text_per_document"),
            models.CheckConstraint(
                condition=Q(state=Reading.WAITING, read_at__isnull=True)
                | (~Q(state=Reading.WAITING) & Q(read_at__isnull=False)),
                name="text_read_exactly_when_dated",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "due_at"], condition=Q(state=Reading.WAITING), name="text_due"),
            # 本文を探せない文書と、途中までの文書。数えて、画面に出す
            models.Index(
                fields=["tenant", "state"], condition=~Q(state=Reading.READ) | Q(is_cut=True), name="text_lacking"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PageText(TenantModel):
    """The text of a page, kept once however many documents of a municipality say the same.

    `key` is the text as it reads when folded, `grams` the codes of its letters and pairs of letters.
    """

    # 市から始まる B-tree を置かない。あると、見積もりの少ない市で、対の索引が選ばれない
    tenant = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    digest = models.CharField("本文の SHA-256", max_length=64)
    text = models.TextField("本文")
    key = models.TextField()
    grams = ArrayField(models.IntegerField())

    class Meta(TenantModel.Meta):
        verbose_name = "ページの本文"
        verbose_name_plural = "ページの本文"
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest", "tenant"], name="one_row_per_text")]
        indexes: ClassVar = [GinIndex(fields=["tenant", "grams"], name="page_grams", fastupdate=False)]

    def __str__(self) -> str:
        return self.text[:40]


class TextPlace(TenantModel):
    """Which page of a document says a text."""

    document = models.ForeignKey(DocumentText, on_delete=models.CASCADE, related_name="places")
    number = models.PositiveIntegerField("ページ")
    page = models.ForeignKey(PageText, on_delete=models.PROTECT, related_name="places")

    class Meta(TenantModel.Meta):
        verbose_name = "本文のあるページ"
        verbose_name_plural = "本文のあるページ"
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "number"], name="one_text_per_page")]

    def __str__(self) -> str:
        return f"{self.document_id}.{self.number}"
