"""Until when the records of a contract are kept, and who holds them beyond that day (R20)."""

from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models.cases import Case
from contracts.models.elsewhere import ForeignContract
from contracts.models.rulesets import RuleSet
from contracts.rules.choices import RETENTION_PERIODS


class StaffQuerySet(TenantQuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff the rows of their city; what is kept for how long is no matter of a link."""
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.none()


class Custody(TenantModel):
    """The keeping of all records of one case, or of one contract concluded elsewhere.

    The term runs from the completion of the works, counted by the rules in force on the day that it was recorded.
    `ends_date` is the last day of the term, and empty for ever (永年) or while the works go on.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="custody")
    foreign = models.OneToOneField(
        ForeignContract, on_delete=models.PROTECT, null=True, blank=True, related_name="custody"
    )
    completed_date = models.DateField("履行完了日", null=True, blank=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    period = models.CharField("保存期間", max_length=20, choices=RETENTION_PERIODS, blank=True)
    working = models.CharField("期間の数え方", max_length=300, blank=True)
    ends_date = models.DateField("保存期間の末日", null=True, blank=True)
    due_year = models.PositiveSmallIntegerField("期間の終わる年度", null=True, blank=True)
    disposed_at = models.DateTimeField("廃棄した日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "保存"
        verbose_name_plural = "保存"
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, foreign__isnull=True) | Q(case__isnull=True, foreign__isnull=False),
                name="custody_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(completed_date__isnull=True, period="", ends_date__isnull=True, due_year__isnull=True)
                | Q(completed_date__isnull=False, rule_set__isnull=False) & ~Q(period=""),
                name="counted_exactly_when_completed",
            ),
            models.CheckConstraint(
                condition=Q(ends_date__isnull=True, due_year__isnull=True)
                | Q(ends_date__isnull=False, due_year__isnull=False),
                name="due_year_of_the_last_day",
            ),
            models.CheckConstraint(
                condition=Q(disposed_at__isnull=True) | Q(ends_date__isnull=False),
                name="only_what_ends_is_disposed_of",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "ends_date", "id"], condition=Q(disposed_at__isnull=True), name="custody_by_end"
            ),
            models.Index(fields=["tenant", "due_year"], condition=Q(disposed_at__isnull=True), name="custody_by_year"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="never_undone", operation=pgtrigger.Update, condition=pgtrigger.Q(old__disposed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def subject(self) -> Any:
        """Return what is kept: a case or a contract concluded elsewhere; both have a kind, a title and an amount."""
        return self.case or self.foreign

    @property
    def number(self) -> str:
        return str(self.subject.number)

    @property
    def title(self) -> str:
        return str(self.subject.title)

    @property
    def party(self) -> str:
        return str(self.case.contractor.name if self.case else self.subject.party)

    @property
    def thread(self) -> str:
        """Name the thread of the operation log that tells of it."""
        return self.case.thread if self.case else str(self.subject.subject)


class LegalHold(TenantModel):
    """Somebody's reason to keep records whatever their term says, until it is released with another reason."""

    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField("保留の理由", max_length=500)
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField("保留した日時")
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField("解除した日時", null=True, blank=True)
    release_reason = models.CharField("解除の理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "廃棄の保留"
        verbose_name_plural = "廃棄の保留"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="held_for_a_reason"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True, release_reason="")
                | Q(released_by__isnull=False, released_at__isnull=False) & ~Q(release_reason=""),
                name="released_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "custody"], condition=Q(released_at__isnull=True), name="hold_in_force"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="reason_stays", fields=["custody", "reason", "held_by", "held_at"]),
            pgtrigger.Protect(
                name="released_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__released_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.reason
