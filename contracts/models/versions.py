"""A contract and its versions: what the two parties sign."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import TenantModel
from contracts import states
from contracts.models.cases import Case
from contracts.models.lifecycle import fsm
from contracts.rules.choices import CODES, LEVELS
from contracts.states import ContractState, VersionState


class ContractKind(models.TextChoices):
    ORIGINAL = "original", "当初契約"
    AMENDMENT = "amendment", "変更契約"
    CORRECTION = "correction", "訂正合意"


class SigningLevel(models.TextChoices):
    """How a contractor's signer is known, the weakest first (電子署名法3条)."""

    LINK = "link", LEVELS["link"]
    ACCESS_CODE = "access_code", LEVELS["access_code"]
    ONE_TIME_CODE = "one_time_code", LEVELS["one_time_code"]

    @property
    def code_name(self) -> str:
        """Name the code that is asked for beside the link; "" when none is."""
        return CODES.get(self.value, "")


class Contract(TenantModel):
    """An agreement of a case: 当初契約, 第n回変更契約 or 訂正合意; each has versions until one is concluded."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contracts")
    kind = models.CharField("種類", max_length=20, choices=ContractKind, default=ContractKind.ORIGINAL)
    number = models.PositiveIntegerField("回", default=0)
    title = models.CharField("契約名", max_length=200)
    state = models.CharField("状態", max_length=20, choices=ContractState, default=ContractState.PREPARING)
    is_provisional = models.BooleanField("仮契約", default=False)
    council_planned_date = models.DateField("議決の予定日", null=True, blank=True)
    council_date = models.DateField("議決の日", null=True, blank=True)
    in_force_date = models.DateField("契約成立の日", null=True, blank=True)
    drop_reason = models.CharField("取りやめの理由", max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "契約"
        verbose_name_plural = "契約"
        constraints = [
            # 取りやめた変更は締結されなかったので、次の変更が同じ回を名乗る
            models.UniqueConstraint(
                fields=["case", "kind", "number"],
                condition=~Q(state=ContractState.DROPPED),
                name="one_contract_per_number",
            ),
            models.CheckConstraint(
                condition=Q(kind=ContractKind.ORIGINAL, number=0) | (~Q(kind=ContractKind.ORIGINAL) & Q(number__gte=1)),
                name="only_the_original_is_number_zero",
            ),
            models.CheckConstraint(
                condition=Q(state=ContractState.IN_FORCE, in_force_date__isnull=False)
                | (~Q(state=ContractState.IN_FORCE) & Q(in_force_date__isnull=True)),
                name="in_force_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ContractState.COUNCIL_PENDING, ContractState.LAPSED]) | Q(is_provisional=True),
                name="only_provisional_waits_for_council",
            ),
            models.CheckConstraint(
                condition=Q(state=ContractState.DROPPED) & ~Q(drop_reason="") & ~Q(kind=ContractKind.ORIGINAL)
                | ~Q(state=ContractState.DROPPED) & Q(drop_reason=""),
                name="only_a_change_is_dropped_with_a_reason",
            ),
        ]
        triggers = [fsm(states.CONTRACT)]

    def __str__(self) -> str:
        return self.title

    def move_to(self, state: ContractState) -> None:
        states.move(self, state, table=states.CONTRACT)

    @property
    def is_original(self) -> bool:
        return self.kind == ContractKind.ORIGINAL

    @property
    def label(self) -> str:
        """Say which agreement of its case this is: 当初契約（仮契約）, 第2回変更契約, 第1回訂正合意."""
        if self.is_original:
            return "仮契約" if self.is_provisional else "当初契約"
        return f"第{self.number}回{self.get_kind_display()}"


class ContractVersion(TenantModel):
    """One version of a contract: drafted, approved inside the city, signed by both, sealed, concluded."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版")
    state = models.CharField("状態", max_length=20, choices=VersionState, default=VersionState.DRAFT)
    amount = models.BigIntegerField("請負代金額（円・税込）")
    work_starts_date = models.DateField("工期の始期")
    work_ends_date = models.DateField("工期の終期")
    # 空なら、最終の電子署名の日が契約日になる
    contract_date = models.DateField("契約書に印字する契約日", null=True, blank=True)
    clause_set = models.CharField("約款", max_length=200, blank=True)
    terms = models.JSONField("契約の条件", default=dict)
    reason = models.CharField("変更・訂正の理由", max_length=500, blank=True)
    # 空なら規程の定めのまま。規程より弱い値は効かない。
    level = models.CharField("受注者の署名者の確かめ方", max_length=20, choices=SigningLevel, blank=True)
    edit_number = models.PositiveIntegerField(default=0)
    signatory = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="発注者の署名者")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField("起案日時")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField("承認日時", null=True, blank=True)
    return_reason = models.CharField("差戻しの理由", max_length=500, blank=True)
    sent_at = models.DateTimeField("署名依頼日時", null=True, blank=True)
    expires_at = models.DateTimeField("署名の期限", null=True, blank=True)
    late_reason = models.CharField("期限後の締結を認めた理由", max_length=500, blank=True)
    late_allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    late_allowed_at = models.DateTimeField("期限後の締結を認めた日時", null=True, blank=True)
    waiting_reason = models.CharField("封印待ちの理由", max_length=500, blank=True)
    end_reason = models.CharField("却下・取下げの理由", max_length=500, blank=True)
    fixed_at = models.DateTimeField("契約確定日時", null=True, blank=True)
    concluded_at = models.DateTimeField("締結を確認した日時", null=True, blank=True)
    # 最後の封印が済んでから締結までの間だけある
    conclude_at = models.DateTimeField("次に検証と締結を試みる日時", null=True, blank=True)
    lost = models.PositiveSmallIntegerField("検証の途中で続けて絶えた回数", default=0, db_default=0)

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
            models.CheckConstraint(
                condition=~Q(state__in=sorted(states.SENT_VERSIONS)) | Q(expires_at__isnull=False),
                name="sent_version_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(work_ends_date__gte=models.F("work_starts_date")), name="version_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="version_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(conclude_at__isnull=True)
                | Q(state__in=[VersionState.ALL_SIGNED, VersionState.SEAL_WAITING]),
                name="concluding_only_what_all_have_signed",
            ),
            models.CheckConstraint(
                condition=Q(late_reason="", late_allowed_by__isnull=True, late_allowed_at__isnull=True)
                | (~Q(late_reason="") & Q(late_allowed_by__isnull=False, late_allowed_at__isnull=False)),
                name="late_reason_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "conclude_at"], condition=Q(conclude_at__isnull=False), name="to_conclude"),
            models.Index(fields=["tenant", "expires_at"], condition=Q(state=VersionState.SENT), name="to_expire"),
            models.Index(fields=["tenant"], condition=Q(state=VersionState.DRAFT), name="version_in_draft"),
            # 案件がどこまで進んだかを、広い行を開かずに答える
            models.Index(fields=["tenant", "contract", "-number"], include=["state"], name="version_by_number"),
        ]
        triggers = [fsm(states.VERSION)]

    def __str__(self) -> str:
        return f"{self.contract_id} 第{self.number}版"

    def move_to(self, state: VersionState) -> None:
        states.move(self, state, table=states.VERSION)

    @property
    def case(self) -> Any:
        return self.contract.case
