"""Sets of entries that an audit looks into: drawn once, kept as they were drawn, and what was said of each."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import TenantModel
from contracts.models.archive import ArchiveEntry
from contracts.models.lifecycle import append_only
from contracts.models.savedviews import LONGEST_QUESTION


class DrawRule(models.TextChoices):
    """How a set is drawn from what a question finds."""

    SAMPLE = "sample", "無作為に抽出"
    ABOVE = "above", "金額以上をすべて"
    PARTY = "party", "取引先のすべて"
    ALL = "all", "すべて"


class AuditSet(TenantModel):
    """A drawn set: the question, the rule and the last entry there was, from which anyone draws the same again."""

    name = models.CharField("名前", max_length=100)
    question = models.CharField("条件", max_length=LONGEST_QUESTION)
    rule = models.CharField("抽出の方法", max_length=10, choices=DrawRule)
    told = models.CharField("抽出の説明", max_length=300)
    size = models.PositiveIntegerField("件数")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="作成した人")
    made_at = models.DateTimeField("作成日時")

    class Meta(TenantModel.Meta):
        verbose_name = "監査の抽出"
        verbose_name_plural = "監査の抽出"
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_audit_set_per_name")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.name


class AuditItem(TenantModel):
    """One entry of a set, in the order in which it was drawn."""

    set = models.ForeignKey(AuditSet, on_delete=models.PROTECT, related_name="items")
    order = models.PositiveIntegerField("順番")
    entry = models.ForeignKey(ArchiveEntry, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = "抽出した契約"
        verbose_name_plural = "抽出した契約"
        constraints = [
            models.UniqueConstraint(fields=["set", "order"], name="one_item_per_place"),
            models.UniqueConstraint(fields=["set", "entry"], name="an_entry_is_drawn_once"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.set_id}-{self.order}"


class AuditMark(TenantModel):
    """What was said of an item; the last one counts, and those before stay."""

    item = models.ForeignKey(AuditItem, on_delete=models.PROTECT, related_name="marks")
    is_checked = models.BooleanField("確認済")
    remark = models.CharField("所見", max_length=500, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時")

    class Meta(TenantModel.Meta):
        verbose_name = "抽出した契約の確認"
        verbose_name_plural = "抽出した契約の確認"
        constraints = [
            models.CheckConstraint(condition=Q(is_checked=True) | ~Q(remark=""), name="a_mark_says_something")
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.item_id} {self.is_checked}"
