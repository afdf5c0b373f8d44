"""Questions to a page of lists that people keep under a name, for themselves or for the whole city."""

from typing import Any, Self

from django.db import models

from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet

LONGEST_QUESTION = 2_000


class ViewPage(models.TextChoices):
    """The pages to which questions are kept."""

    ARCHIVE = "archive", "締結済みの契約"
    CASES = "cases", "案件"


class SavedViewQuerySet(TenantQuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep a person's own views, and those that others share with the city."""
        mine = models.Q(owner_id=actor.user_id) | models.Q(is_shared=True)
        return super().visible_to(actor).filter(mine)


class SavedView(TenantModel):
    """One question: what stands behind the 「?」 of its address, so that a view opens as it was left."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="保存した人")
    page = models.CharField("画面", max_length=10, choices=ViewPage, default=ViewPage.ARCHIVE)
    name = models.CharField("名前", max_length=60)
    question = models.CharField("条件", max_length=LONGEST_QUESTION)
    is_shared = models.BooleanField("市の職員に公開", default=False)
    saved_at = models.DateTimeField("保存日時")

    objects: Any = AskedManager.from_queryset(SavedViewQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "保存した条件"
        verbose_name_plural = "保存した条件"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "owner", "page", "name"], name="one_saved_view_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
