"""The internal approval (決裁) of a version: its steps in order, and what each person did there."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Department, Role, User
from accounts.querysets import TenantModel
from contracts import states
from contracts.models.lifecycle import append_only, fsm
from contracts.models.versions import ContractVersion
from contracts.states import ApprovalState


class ApprovalKind(models.TextChoices):
    REVIEW = "review", "確認"
    APPROVE = "approve", "承認"
    VIEW = "view", "閲覧"


class ApprovalStep(TenantModel):
    """One step of the route: `need` of those who hold the role (in the department, if one is named) must pass it."""

    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="approval_steps")
    order = models.PositiveSmallIntegerField("順番")
    kind = models.CharField("種類", max_length=20, choices=ApprovalKind)
    label = models.CharField("呼び名", max_length=100)
    role = models.CharField("役割", max_length=30, choices=Role)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    need = models.PositiveSmallIntegerField("必要な人数", default=1)
    state = models.CharField("状態", max_length=20, choices=ApprovalState, default=ApprovalState.WAITING)
    opened_at = models.DateTimeField("決裁を求めた日時", null=True, blank=True)
    closed_at = models.DateTimeField("終わった日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "決裁の段"
        verbose_name_plural = "決裁の段"
        ordering: ClassVar = ["version", "order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "order"], name="one_approval_step_per_place"),
            models.CheckConstraint(condition=Q(need__gte=1), name="approval_needs_someone"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "role", "department"],
                condition=Q(state=ApprovalState.OPEN),
                name="approval_open",
            )
        ]
        triggers = [fsm(states.APPROVAL)]

    def __str__(self) -> str:
        return f"{self.order} {self.label}"

    def move_to(self, state: ApprovalState) -> None:
        states.move(self, state, table=states.APPROVAL)


class Decision(models.TextChoices):
    PASSED = "passed", "可"
    RETURNED = "returned", "差戻し"
    SEEN = "seen", "閲覧"


class ApprovalAct(TenantModel):
    """What one person did at a step, for themselves or in another's stead (代決)."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="acts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField("決裁", max_length=20, choices=Decision)
    comment = models.CharField("意見", max_length=500, blank=True)
    at = models.DateTimeField("日時")

    class Meta(TenantModel.Meta):
        verbose_name = "決裁の記録"
        verbose_name_plural = "決裁の記録"
        constraints = [
            models.UniqueConstraint(fields=["step", "user"], name="one_act_per_person"),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("user")), name="nobody_stands_in_for_self"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.user} {self.get_decision_display()}"
