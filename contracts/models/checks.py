"""That what is kept was looked at, all of it: the rows of the journal, the documents, the files, and what was found."""

from typing import Any

from django.db import models
from django.db.models import Q

from contracts.models.upkeep import Upkeep

MOST_FOUND = 200


class CheckPart(models.TextChoices):
    JOURNAL = "journal", "操作記録の鎖"
    DOCUMENTS = "documents", "文書の版"
    FILES = "files", "そのほかのファイル"
    STRAYS = "strays", "行のないファイル"


class RecordCheck(Upkeep):
    """One look at everything a city keeps, in slices; the row is the queue, and `reached` the place in the part."""

    asked_at = models.DateTimeField("始めた日時")
    asked_by = models.CharField("頼んだ人", max_length=300, blank=True)
    part = models.CharField("確かめているところ", max_length=20, choices=CheckPart, default=CheckPart.JOURNAL)
    reached = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField("出来事", default=0)
    documents = models.PositiveBigIntegerField("文書", default=0)
    files = models.PositiveBigIntegerField("ファイル", default=0)
    strays = models.PositiveBigIntegerField("行のないファイル", default=0)
    flaws = models.PositiveIntegerField("合わないところ", default=0)
    found = models.JSONField("見つけたこと", default=list)
    done_at = models.DateTimeField("終えた日時", null=True, blank=True)

    class Meta(Upkeep.Meta):
        verbose_name = "記録の確認"
        verbose_name_plural = "記録の確認"
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=Q(done_at__isnull=True), name="check_due"),
            # 市ごとの、最後に終えた確認
            models.Index(fields=["tenant", "-id"], condition=Q(done_at__isnull=False), name="check_done"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(done_at__isnull=True), name="one_check_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"

    @property
    def is_sound(self) -> bool:
        return self.done_at is not None and not self.flaws

    def note(self, flaws: list[tuple[str, str]]) -> None:
        """Count what does not hold, and keep the first of it: where, and what."""
        self.flaws += len(flaws)
        told: list[dict[str, Any]] = [{"where": where, "what": what} for where, what in flaws]
        self.found = [*self.found, *told][:MOST_FOUND]
