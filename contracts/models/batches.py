"""Many deeds asked for with one press: who asked, how they were known, and what became of each of them."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import AskedManager, TenantModel
from contracts import states
from contracts.models.cases import Case
from contracts.models.custody import StaffQuerySet
from contracts.models.lifecycle import fsm
from contracts.states import DeedState


class BatchKind(models.TextChoices):
    SIGN = "sign", "署名する"
    APPROVE = "approve", "決裁する（可）"
    SUBMIT = "submit", "庁内承認を依頼する"
    INVITE = "invite", "承諾書の提出を依頼する"
    REMIND = "remind", "依頼のメールを送り直す"


class Batch(TenantModel):
    """One press for many contracts; `key` is the page that was pressed, so that pressing twice asks once."""

    kind = models.CharField("操作", max_length=20, choices=BatchKind)
    key = models.UUIDField("押した画面")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="頼んだ人")
    asked_at = models.DateTimeField("頼んだ日時")
    asked_ip = models.GenericIPAddressField("接続元", null=True, blank=True)
    asked_agent = models.CharField("ブラウザ", max_length=300, blank=True)
    authentication = models.CharField("本人確認の方法", max_length=100, blank=True)
    closed_at = models.DateTimeField("すべてが終わった日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "まとめた操作"
        verbose_name_plural = "まとめた操作"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="one_batch_per_press"),
            models.CheckConstraint(
                condition=~Q(kind=BatchKind.SIGN) | ~Q(authentication=""), name="signed_together_by_someone_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "asked_by", "-id"], name="batch_by_asker")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d %H:%M}"


class Deed(TenantModel):
    """One of them: the row is the queue, and what became of it stands in it.

    `target` is the row that it is done to: a signing step, an approval step, a version, a case or the link of a mail,
    by the kind of its batch; `seen` the edit of it that was read. `outcome` says to people what was done, or why not.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="deeds")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    target = models.BigIntegerField("対象")
    seen = models.PositiveIntegerField("見た編集の番号", null=True, blank=True)
    state = models.CharField("状態", max_length=20, choices=DeedState, default=DeedState.DUE)
    due_at = models.DateTimeField("手に取れる日時")
    failures = models.PositiveIntegerField("続けて失敗した回数", default=0)
    outcome = models.CharField("結果", max_length=500, blank=True)
    done_at = models.DateTimeField("終わった日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(StaffQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "まとめた操作の一件"
        verbose_name_plural = "まとめた操作の一件"
        constraints = [
            models.UniqueConstraint(fields=["batch", "target"], name="once_in_its_batch"),
            models.CheckConstraint(
                condition=Q(state=DeedState.DUE, done_at__isnull=True)
                | ~Q(state=DeedState.DUE) & Q(done_at__isnull=False) & ~Q(outcome=""),
                name="over_with_an_outcome",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "due_at"], condition=Q(state=DeedState.DUE), name="deed_due")]
        triggers = [fsm(states.DEED)]

    def __str__(self) -> str:
        return f"{self.batch_id}.{self.target}"

    def move_to(self, state: DeedState) -> None:
        states.move(self, state, table=states.DEED)
