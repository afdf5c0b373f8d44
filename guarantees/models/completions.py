"""The completion of the works: the day from which guarantees go back and their keys are no longer kept."""

from django.db import models

from accounts.models import User
from accounts.querysets import TenantModel
from contracts.models import Case


class Completion(TenantModel):
    """The works of a case are completed and handed over (完成・引渡し)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="completion")
    completed_date = models.DateField("完成（引渡し）の日")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登録日時")

    class Meta(TenantModel.Meta):
        verbose_name = "完成"
        verbose_name_plural = "完成"

    def __str__(self) -> str:
        return f"{self.case} {self.completed_date}"
