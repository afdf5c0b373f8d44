"""What people were reminded of, so that nobody is reminded twice."""

from django.db import models
from django.db.models import Q

from accounts.querysets import TenantModel
from notifications.models.deliveries import Delivery


class Reminder(TenantModel):
    """One planned day of a rule, about one thing, told to one address in the digest of a morning.

    `thread` names the story the thing belongs to ("case:7"), under which the digest is shown; "" for none.
    """

    rule = models.CharField("決まり", max_length=30)
    subject = models.CharField("何について", max_length=100)
    planned = models.DateField("予定の日")
    to = models.CharField("宛先", max_length=254)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="reminders")
    thread = models.CharField("綴り", max_length=100, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "催促"
        verbose_name_plural = "催促"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "rule", "subject", "planned", "to"], name="reminded_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "planned"], name="reminder_by_day"),
            models.Index(fields=["tenant", "thread"], condition=~Q(thread=""), name="reminder_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.planned} → {self.to}"
