"""Which documents a signer says to have read, before signing them all (R65)."""

from typing import Any, Self

from django.db import models

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models.documents import Document
from contracts.models.lifecycle import append_only
from contracts.models.signing import SigningStep


class ReadMarkQuerySet(TenantQuerySet["ReadMark"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(step__links__pk=actor.link_id)


class ReadMark(TenantModel):
    """The word of one person, who may be replaced in the order later, on one document; it obliges to nothing."""

    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="read_marks")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField("読んだ人のメールアドレス")
    read_at = models.DateTimeField("読んだと答えた日時")

    objects: Any = AskedManager.from_queryset(ReadMarkQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "読んだしるし"
        verbose_name_plural = "読んだしるし"
        constraints = [
            models.UniqueConstraint(fields=["step", "document", "email"], name="one_read_mark_per_reader"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.step_id}/{self.document_id}"
