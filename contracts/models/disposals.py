"""Disposal (廃棄): a list of what is due, approved by two, carried out by the worker, and the record that stays."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.querysets import AskedManager, TenantModel
from contracts import states
from contracts.models.custody import Custody, StaffQuerySet
from contracts.models.lifecycle import append_only, fsm
from contracts.models.upkeep import Upkeep
from contracts.rules.choices import RETENTION_PERIODS
from contracts.states import DisposalState, ItemState


class Disposal(TenantModel):
    """A list of records whose term ended up to a day: proposed by one, approved by two others."""

    up_to_date = models.DateField("この日までに期間の終わったもの")
    state = models.CharField("状態", max_length=20, choices=DisposalState, default=DisposalState.PROPOSED)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="起案者")
    made_at = models.DateTimeField("起案した日時")
    first_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    first_at = models.DateTimeField("一人目が承認した日時", null=True, blank=True)
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    second_at = models.DateTimeField("二人目が承認した日時", null=True, blank=True)
    withdraw_reason = models.CharField("取りやめの理由", max_length=500, blank=True)
    closed_at = models.DateTimeField("終わった日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "廃棄の起案"
        verbose_name_plural = "廃棄の起案"
        constraints = [
            models.CheckConstraint(
                condition=Q(first_by__isnull=True, first_at__isnull=True)
                | Q(first_at__isnull=False) & ~Q(first_by=F("made_by")),
                name="first_approver_is_another",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True, second_at__isnull=True)
                | Q(second_at__isnull=False, first_by__isnull=False)
                & ~Q(second_by=F("made_by"))
                & ~Q(second_by=F("first_by")),
                name="second_approver_is_a_third",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DisposalState.APPROVED, DisposalState.DONE]) | Q(second_by__isnull=False),
                name="disposed_of_only_when_two_approved",
            ),
            models.CheckConstraint(
                condition=Q(state=DisposalState.WITHDRAWN) & ~Q(withdraw_reason="")
                | ~Q(state=DisposalState.WITHDRAWN) & Q(withdraw_reason=""),
                name="withdrawn_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant"], condition=Q(state=DisposalState.PROPOSED), name="disposal_to_approve"),
        ]
        triggers = [fsm(states.DISPOSAL)]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.get_state_display()}"

    def move_to(self, state: DisposalState) -> None:
        states.move(self, state, table=states.DISPOSAL)


class DisposalItem(Upkeep):
    """One custody on a list; once both have approved it is the worker's, who takes it like any upkeep."""

    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="items")
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="items")
    state = models.CharField("状態", max_length=20, choices=ItemState, default=ItemState.LISTED)
    left_because = models.CharField("見送った理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(Upkeep.Meta):
        verbose_name = "廃棄するもの"
        verbose_name_plural = "廃棄するもの"
        constraints = [
            models.UniqueConstraint(
                fields=["custody"], condition=~Q(state=ItemState.LEFT), name="on_one_living_list_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.LEFT) & ~Q(left_because="") | ~Q(state=ItemState.LEFT) & Q(left_because=""),
                name="left_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=Q(state=ItemState.DUE), name="item_due"),
        ]
        triggers = [fsm(states.DISPOSAL_ITEM)]

    def __str__(self) -> str:
        return f"{self.disposal_id}.{self.custody_id}"

    def move_to(self, state: ItemState) -> None:
        states.move(self, state, table=states.DISPOSAL_ITEM)


class DisposalRecord(TenantModel):
    """廃棄記録: what was disposed of, by whose decision and when. It stays for ever; names are copied into it."""

    item = models.OneToOneField(DisposalItem, on_delete=models.PROTECT, related_name="record")
    custody = models.OneToOneField(Custody, on_delete=models.PROTECT, related_name="record")
    number = models.CharField("契約番号", max_length=60)
    title = models.CharField("件名", max_length=200)
    party = models.CharField("取引先", max_length=400)
    kind_label = models.CharField("区分", max_length=100)
    amount = models.BigIntegerField("契約金額（円）")
    completed_date = models.DateField("履行完了日")
    period = models.CharField("保存期間", max_length=20, choices=RETENTION_PERIODS)
    working = models.CharField("期間の数え方", max_length=300)
    ends_date = models.DateField("保存期間の末日")
    # [{"name", "sha256", "size", "kept"}]。kept は、同じバイトをほかの契約がまだ使っているもの
    files = models.JSONField("廃棄したファイル")
    files_sha256 = models.CharField("ファイルの一覧の SHA-256", max_length=64)
    made_by = models.CharField("起案者", max_length=200)
    first_by = models.CharField("承認者（一人目）", max_length=200)
    second_by = models.CharField("承認者（二人目）", max_length=200)
    approved_at = models.DateTimeField("承認がそろった日時")
    disposed_at = models.DateTimeField("廃棄した日時")

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "廃棄記録"
        verbose_name_plural = "廃棄記録"
        indexes = [models.Index(fields=["tenant", "-disposed_at", "-id"], name="record_by_time")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()
