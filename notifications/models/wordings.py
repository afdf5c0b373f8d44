"""The words that a city or a guarantor has chosen for its mails."""

from typing import Any, Self

from django.db import models

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet


class MailWordingQuerySet(TenantQuerySet["MailWording"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff the words of their own house; to all others, nothing."""
        return super().visible_to(actor) if actor.is_staff else self.none()


class MailWording(TenantModel):
    """An organization's own words for one mail, patterns with Japanese placeholders; "" leaves the standard."""

    template = models.CharField("文面", max_length=100)
    subject = models.CharField("件名", max_length=200, blank=True)
    lead = models.TextField("はじめの文", blank=True)
    note = models.TextField("添える文", blank=True)
    edit_number = models.PositiveIntegerField(default=0)

    objects: Any = AskedManager.from_queryset(MailWordingQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "メールの文面"
        verbose_name_plural = "メールの文面"
        constraints = [models.UniqueConstraint(fields=["tenant", "template"], name="one_wording_for_each_mail")]

    def __str__(self) -> str:
        return self.template
