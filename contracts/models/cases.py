"""The case (案件): what was tendered, who won it, and until when the contract must be concluded."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.actors import Actor
from accounts.models import Department, User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states
from contracts.models.contractors import Contractor
from contracts.models.lifecycle import fsm
from contracts.models.rulesets import RuleSet
from contracts.states import CaseState


class CaseQuerySet(TenantQuerySet["Case"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff their city's cases, and the holder of a link the one case it is about."""
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(links__pk=actor.link_id)


class Case(TenantModel):
    """A public-works case from its notice to its contract."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("工事番号", max_length=60)
    title = models.CharField("工事名", max_length=200)
    # 件名・工事番号・落札者を畳んだ検索の鍵
    search_key = models.CharField(max_length=500, default="")
    place = models.CharField("工事場所", max_length=200, blank=True)
    # 区分と調達方法は市の規程が決める。呼び名は、登録したときの規程のもの
    kind = models.CharField("区分", max_length=30)
    kind_label = models.CharField("区分の呼び名", max_length=100)
    procurement_method = models.CharField("調達方法", max_length=30)
    method_label = models.CharField("調達方法の呼び名", max_length=100)
    announced_date = models.DateField("公告日")
    awarded_date = models.DateField("落札日")
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField("請負代金額（円・税込）")
    work_starts_date = models.DateField("工期の始期")
    work_ends_date = models.DateField("工期の終期")
    needs_council = models.BooleanField("議会の議決を要する", default=False)
    traits = models.JSONField("対象外の事由", default=list)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField("登録日時")
    state = models.CharField("状態", max_length=20, choices=CaseState, default=CaseState.REGISTERED)
    econtract_verdict = models.JSONField("電子契約の判定")
    conclusion_deadline_date = models.DateField("契約締結期限", null=True, blank=True)
    deadline_working = models.CharField("期限の数え方", max_length=500, blank=True)
    edit_number = models.PositiveIntegerField(default=0)
    paper_contract_date = models.DateField("紙の契約の契約日", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(CaseQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "案件"
        verbose_name_plural = "案件"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="one_case_per_number"),
            models.CheckConstraint(condition=Q(awarded_date__gte=F("announced_date")), name="awarded_after_its_notice"),
            models.CheckConstraint(
                condition=Q(work_ends_date__gte=F("work_starts_date")), name="work_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="case_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state=CaseState.PAPER) | Q(paper_contract_date__isnull=True),
                name="paper_date_only_on_paper",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "conclusion_deadline_date"], name="case_by_deadline"),
            models.Index(fields=["tenant", "registered_at", "id"], name="case_by_registration"),
            # 私の仕事が、手続き中の案件を、広い行を開かずに数える
            models.Index(
                fields=["tenant", "conclusion_deadline_date"],
                include=["id", "state", "department", "registered_by", "contractor"],
                condition=Q(state__in=sorted(states.OPEN_CASES)),
                name="case_open",
            ),
            models.Index(
                fields=["tenant", "conclusion_deadline_date"],
                include=["id", "state", "department", "registered_by"],
                condition=Q(state__in=sorted(states.OPEN_CASES), econtract_verdict__eligible=True),
                name="case_open_and_eligible",
            ),
            # 年度の実績が、その年度に紙で契約した案件を数える
            models.Index(
                fields=["tenant", "paper_contract_date"],
                condition=Q(paper_contract_date__isnull=False),
                name="case_on_paper",
            ),
        ]
        triggers = [fsm(states.CASE)]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def move_to(self, state: CaseState) -> None:
        states.move(self, state, table=states.CASE)

    @property
    def thread(self) -> str:
        """Name the thread of the operation log that tells this case's story."""
        return f"case:{self.pk}"

    @property
    def is_eligible(self) -> bool:
        return bool(self.econtract_verdict["eligible"])
