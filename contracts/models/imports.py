"""A file of rows that was read and reported on before anything was written."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import TenantModel
from contracts import states
from contracts.models.lifecycle import fsm
from contracts.states import ImportState
from vault.models import StoredFile


class ImportKind(models.TextChoices):
    REGISTER = "register", "競争入札参加資格者名簿"
    CASES = "cases", "案件"
    ELSEWHERE = "elsewhere", "よそで締結した契約"


class ImportJob(TenantModel):
    """One file of rows: what each would do, and whether it was taken in.

    A package of contracts is not kept beyond that: each contract is then a file of its own, which can be disposed of.
    """

    kind = models.CharField("種類", max_length=20, choices=ImportKind)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField("SHA-256", max_length=64)
    name = models.CharField("ファイル名", max_length=255)
    report = models.JSONField("行ごとの結果")
    state = models.CharField("状態", max_length=20, choices=ImportState, default=ImportState.PREVIEWED)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("読み取った日時")
    applied_at = models.DateTimeField("取り込んだ日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "取込み"
        verbose_name_plural = "取込み"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ImportState.APPLIED, applied_at__isnull=False)
                | (~Q(state=ImportState.APPLIED) & Q(applied_at__isnull=True)),
                name="applied_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(file__isnull=False) | Q(kind=ImportKind.ELSEWHERE) & ~Q(state=ImportState.PREVIEWED),
                name="only_a_finished_package_is_given_up",
            ),
        ]
        triggers = [fsm(states.IMPORT)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    def move_to(self, state: ImportState) -> None:
        states.move(self, state, table=states.IMPORT)
