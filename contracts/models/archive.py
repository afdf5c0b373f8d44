"""The read model that auditors search: one row per concluded contract, guarantee or consent, written once."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import Department
from accounts.querysets import TenantModel
from contracts.models.cases import Case
from contracts.models.versions import ContractVersion


class Archived(models.IntegerChoices):
    """What kind of thing an entry stands for."""

    CONTRACT = 1, "契約"
    AMENDMENT = 2, "変更契約・訂正合意"
    GUARANTEE = 3, "保証"
    CONSENT = 4, "電子契約の承諾"


class EntryState(models.IntegerChoices):
    """How the thing stands now."""

    IN_FORCE = 1, "有効"
    CHANGED = 2, "変更済"
    ENDED = 3, "終了"
    DISPOSED = 4, "廃棄済"


# 検索の条件・集計・内訳に使う列
COVERED = ("amount", "what", "state", "fiscal_year", "department", "kind", "party_key", "title_key", "number_key")


def sorted_by(column: str) -> models.Index:
    """Return the index that walks the current entries of a municipality in the order of a column."""
    return models.Index(
        fields=["tenant", f"-{column}", "-id"],
        condition=Q(is_current=True),
        name=f"archive_by_{column.removesuffix('_key')}",
    )


def grams(column: str) -> models.Func:
    """Return the letters of a key and every two in a row as numbers, as the database function makes them."""
    return models.Func(models.F(column), function="archive_grams", output_field=ArrayField(models.BigIntegerField()))


class ArchiveEntry(TenantModel):
    """電帳法 7条 search keys (date, counterparty, amount) and more, folded for matching (R23).

    A row is never changed. Where the thing it stands for changes, a new row `corrects` it, and of the old one nothing
    but `is_current` is taken away. Conditions compare text, integers, dates and booleans only: other comparisons are
    not leakproof, and lose the index under row security.
    """

    what = models.PositiveSmallIntegerField("もの", choices=Archived)
    state = models.PositiveSmallIntegerField("状態", choices=EntryState, default=EntryState.IN_FORCE)
    # もとの行の名（version:7 など）。保証のように、この層が知らない行もある
    subject = models.CharField(max_length=60)
    # いまの行は subject の制約で一つに決まる
    version = models.ForeignKey(
        ContractVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="archive_entries",
        db_index=False,
    )
    # よそで結んだ契約には、案件も担当課もない
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="案件"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    concluded_date = models.DateField("契約日")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    amount = models.BigIntegerField("契約金額（円）")
    kind = models.CharField("区分", max_length=30)
    kind_label = models.CharField("区分の呼び名", max_length=100)
    number = models.CharField("工事番号", max_length=60)
    title = models.CharField("件名", max_length=200)
    party = models.CharField("取引先", max_length=200)
    stamp_duty_saved = models.PositiveIntegerField("節約した印紙税（円）", null=True, blank=True)
    days_to_conclude = models.IntegerField("落札から締結までの日数", null=True, blank=True)
    title_key = models.CharField(max_length=200)
    party_key = models.CharField(max_length=200)
    number_key = models.CharField(max_length=60)
    is_current = models.BooleanField("いまの内容", default=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta(TenantModel.Meta):
        verbose_name = "締結済みの契約"
        verbose_name_plural = "締結済みの契約"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "subject"], condition=Q(is_current=True), name="one_current_entry_per_subject"
            ),
        ]
        indexes = [
            # 検索はこの索引だけを読む（index-only scan）。行の壁の下でも LIKE を索引の中で判定できる。
            models.Index(
                fields=["tenant", "-concluded_date", "-id"],
                include=[*COVERED],
                condition=Q(is_current=True),
                name="archive_current",
            ),
            # 運営者は、まれな言葉を二文字の並びから、ありふれた言葉を日付の新しい順にたどって探す。
            models.Index(fields=["-concluded_date", "-id"], condition=Q(is_current=True), name="archive_date"),
            GinIndex(
                grams("title_key"),
                grams("party_key"),
                condition=Q(is_current=True),
                name="archive_gram",
                fastupdate=False,
            ),
            models.Index(fields=["version"], condition=Q(is_current=True), name="archive_version"),
            models.Index(fields=["case"], condition=Q(is_current=True), name="archive_case"),
            *map(sorted_by, ("amount", "party_key", "title_key", "number_key")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="never_changed", exclude=["is_current"]),
            pgtrigger.Protect(
                name="never_restored",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__is_current=False, new__is_current=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ArchiveBackfill(TenantModel):
    """What a municipality still has to bring into its archive of rows that were there before: how far it came."""

    source = models.CharField("載せるもの", max_length=30)
    reached = models.BigIntegerField("ここまで載せた", default=0)
    # 終わると空になる
    due_at = models.DateTimeField("次に続ける日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "書庫へ載せる仕事"
        verbose_name_plural = "書庫へ載せる仕事"
        constraints = [models.UniqueConstraint(fields=["tenant", "source"], name="one_backfill_per_source")]
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=Q(due_at__isnull=False), name="archive_backfill_due")
        ]

    def __str__(self) -> str:
        return self.source
