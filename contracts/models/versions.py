"""A contract and its versions: what the two parties sign."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import TenantModel
from contracts import states
from contracts.models.cases import Case
from contracts.models.lifecycle import fsm
from contracts.states import VersionState


class Contract(TenantModel):
    """The contract of a case (当初契約; amendments join it later)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="contract")
    title = models.CharField("契約名", max_length=200)

    class Meta(TenantModel.Meta):
        verbose_name = "契約"
        verbose_name_plural = "契約"

    def __str__(self) -> str:
        return self.title


class ContractVersion(TenantModel):
    """One version of a contract: drafted, approved inside the city, signed by both, sealed, concluded."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版")
    state = models.CharField("状態", max_length=20, choices=VersionState, default=VersionState.DRAFT)
    amount = models.BigIntegerField("請負代金額（円・税込）")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("起案日時")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    return_reason = models.CharField("差戻しの理由", max_length=500, blank=True)
    sent_at = models.DateTimeField("署名依頼日時", null=True, blank=True)
    waiting_reason = models.CharField("封印待ちの理由", max_length=500, blank=True)
    end_reason = models.CharField("却下・取下げの理由", max_length=500, blank=True)
    fixed_at = models.DateTimeField("契約確定日時", null=True, blank=True)
    concluded_at = models.DateTimeField("締結を確認した日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "契約の版"
        verbose_name_plural = "契約の版"
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=sorted(states.LIVE_VERSIONS | {VersionState.CONCLUDED})),
                name="one_living_version_per_contract",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.CONCLUDED, fixed_at__isnull=False, concluded_at__isnull=False)
                | (~Q(state=VersionState.CONCLUDED) & Q(fixed_at__isnull=True, concluded_at__isnull=True)),
                name="concluded_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(states.SENT_VERSIONS))
                | Q(approved_at__isnull=False, approved_by__isnull=False, sent_at__isnull=False),
                name="sent_only_when_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("drafted_by")), name="four_eyes"
            ),
        ]
        triggers = [fsm(states.VERSION)]

    def __str__(self) -> str:
        return f"{self.contract_id} 第{self.number}版"

    def move_to(self, state: VersionState) -> None:
        states.move(self, state, table=states.VERSION)

    @property
    def case(self) -> Any:
        return self.contract.case
