"""Guarantees that secure a contract: their number, their sealed key, and what was found when they were checked."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Department, Organization, User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states as moves
from contracts.models import Case, Purpose
from contracts.models.lifecycle import fsm
from guarantees import states
from guarantees.states import GuaranteeState


class GuaranteeType(models.TextChoices):
    CONTRACT = "contract", "契約保証"
    ADVANCE = "advance", "前払金保証"
    INTERIM_ADVANCE = "interim_advance", "中間前払金保証"


class Channel(models.TextChoices):
    UPLOAD = "upload", "画面から登録"
    EMAIL = "email", "電子メール"
    BRING = "bring", "持参"


class Institution(TenantModel):
    """A guarantor whose certificates the municipality takes (R7)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("名称", max_length=200)
    branch = models.CharField("支店", max_length=100, blank=True)
    phone = models.CharField("電話番号", max_length=40, blank=True)
    # 番号の書式は公表されていない。発行元ごとの見慣れた形を外れたら注意を出すだけで、拒まない（C2）。
    usual_number = models.CharField("見慣れた番号の形（正規表現）", max_length=100, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "保証機関"
        verbose_name_plural = "保証機関"
        constraints = [models.UniqueConstraint(fields=["tenant", "name", "branch"], name="one_entry_per_institution")]

    def __str__(self) -> str:
        return f"{self.name} {self.branch}".strip()


class GuaranteeQuerySet(TenantQuerySet["Guarantee"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff their city's guarantees, and the holder of a guarantee link those of its case."""
        rows = super().visible_to(actor)
        if actor.is_staff or actor.is_system:
            return rows
        return rows.filter(case__links__pk=actor.link_id, case__links__purpose=Purpose.GUARANTEE)


class Guarantee(TenantModel):
    """One electronic certificate (電子証書), known by its number and key (R86, R87)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="guarantees")
    type = models.CharField("種類", max_length=20, choices=GuaranteeType)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("保証契約番号", max_length=32)
    sealed_key = models.BinaryField("認証キー（暗号化）")
    warnings = models.JSONField("受付時の注意", default=list)
    channel = models.CharField("提出方法", max_length=10, choices=Channel)
    routed_to = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状態", max_length=20, choices=GuaranteeState, default=GuaranteeState.SUBMITTED)
    submitted_by = models.CharField("提出者", max_length=200)
    submitted_at = models.DateTimeField("提出日時")
    findings = models.JSONField("照合の結果", default=list)
    guaranteed_amount = models.BigIntegerField("保証金額（円）", null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField("照合日時", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("受理・不受理の日時", null=True, blank=True)
    reason = models.CharField("受理しない理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(GuaranteeQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "保証"
        verbose_name_plural = "保証"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "institution", "number"],
                condition=Q(state__in=sorted(states.LIVE)),
                name="one_living_guarantee_per_number",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG, GuaranteeState.DEEMED_DEPOSITED]
                )
                | Q(checked_at__isnull=False, checked_by__isnull=False, guaranteed_amount__isnull=False),
                name="checked_guarantee_has_its_record",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decision_has_its_record",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "submitted_at"], name="guarantee_waiting")]
        triggers = [fsm(states.GUARANTEE)]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.number}"

    def move_to(self, state: GuaranteeState) -> None:
        moves.move(self, state, table=states.GUARANTEE)

    @property
    def receipt(self) -> str:
        """Give the number under which the city has taken this guarantee in."""
        return f"{self.pk:08d}"

    @property
    def key_context(self) -> str:
        """Name the one place in which the sealed key opens."""
        return f"guarantee:{self.institution_id}:{self.number}"
