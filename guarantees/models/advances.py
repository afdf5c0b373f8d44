"""What of a price is paid in advance: certified, claimed, paid, and given back when the price falls (§2.5)."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.querysets import TenantModel
from contracts import states as moves
from contracts.models import Case
from contracts.models.lifecycle import fsm
from guarantees import states
from guarantees.models.guarantees import GuaranteeType
from guarantees.states import AdvanceState


class AdvanceKind(models.TextChoices):
    """What money it is; the two that are paid bear the name of the guarantee that must cover them."""

    ADVANCE = GuaranteeType.ADVANCE.value, "前払金"
    INTERIM = GuaranteeType.INTERIM_ADVANCE.value, "中間前払金"
    REFUND = "refund", "前払金の返還"


class AdvanceBasis(TenantModel):
    """What the amounts of a case are reckoned from where it is not simply its price: a part of it, a low bid.

    The part (対象額) holds for the price at which it was set; after an amendment it must be set again.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="advance_basis")
    price = models.BigIntegerField("定めたときの請負代金額（円）")
    base_price = models.BigIntegerField("対象額（円）", null=True, blank=True)
    is_low_price = models.BooleanField("低入札価格調査を経た契約", default=False)
    # 対象額を定め直すまでの間だけある
    changed_date = models.DateField("契約金額が変わった日", null=True, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField("定めた日時")

    class Meta(TenantModel.Meta):
        verbose_name = "前払金の対象額"
        verbose_name_plural = "前払金の対象額"
        constraints = [
            models.CheckConstraint(
                condition=Q(base_price__isnull=True) | Q(base_price__gt=0, base_price__lte=F("price")),
                name="base_is_a_part_of_the_price",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.base_price or self.price}"


class AdvancePayment(TenantModel):
    """One payment in advance, or one refund of it; an interim one begins with its 認定, a refund with an amendment."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="advances")
    kind = models.CharField("種類", max_length=20, choices=AdvanceKind)
    state = models.CharField("状態", max_length=20, choices=AdvanceState, default=AdvanceState.CLAIMED)
    amount = models.BigIntegerField("金額（円）", null=True, blank=True)
    # 請求を受けた日。返還では、減額した日
    since_date = models.DateField("請求（減額）の日", null=True, blank=True)
    due_date = models.DateField("支払（返還）の期限", null=True, blank=True)
    due_working = models.CharField("期限の数え方", max_length=500, blank=True)

    certified_date = models.DateField("認定の基準日", null=True, blank=True)
    done_amount = models.BigIntegerField("行われた作業に要する経費（円）", null=True, blank=True)
    certified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    certified_at = models.DateTimeField("認定日時", null=True, blank=True)

    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField("請求を受け付けた日時", null=True, blank=True)
    settled_date = models.DateField("支払った（返還を受けた）日", null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("支払・返還・取消を記録した日時", null=True, blank=True)
    reason = models.CharField("取消の理由", max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "前払金"
        verbose_name_plural = "前払金"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(state__in=sorted(states.UNPAID)), name="one_open_advance_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="refund",
                    state__in=[AdvanceState.REFUND_DUE, AdvanceState.REFUNDED, AdvanceState.CANCELLED],
                )
                | ~Q(kind="refund") & ~Q(state__in=[AdvanceState.REFUND_DUE, AdvanceState.REFUNDED]),
                name="only_a_refund_is_given_back",
            ),
            models.CheckConstraint(
                condition=Q(kind="interim_advance", certified_at__isnull=False, certified_date__isnull=False)
                | ~Q(kind="interim_advance") & Q(certified_at__isnull=True),
                name="only_an_interim_advance_is_certified",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AdvanceState.CERTIFIED, AdvanceState.CANCELLED])
                | Q(amount__isnull=False, amount__gt=0, since_date__isnull=False, due_date__isnull=False),
                name="claimed_advance_has_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AdvanceState.PAID, AdvanceState.REFUNDED], settled_date__isnull=False)
                | ~Q(state__in=[AdvanceState.PAID, AdvanceState.REFUNDED]) & Q(settled_date__isnull=True),
                name="settled_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(state=AdvanceState.CANCELLED) & ~Q(reason="")
                | ~Q(state=AdvanceState.CANCELLED) & Q(reason=""),
                name="advance_cancelled_exactly_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "due_date"], name="advance_by_due_date")]
        triggers = [fsm(states.ADVANCE)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount or ''}".strip()

    def move_to(self, state: AdvanceState) -> None:
        moves.move(self, state, table=states.ADVANCE)
