"""Guarantees that secure a contract: what is expected, what came, what was found, and when it goes back."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Department, User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states as moves
from contracts.dates import yen
from contracts.models import Case, Purpose
from contracts.models.lifecycle import fsm
from guarantees import states
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.models.institutions import Institution
from guarantees.rules.amounts import expected_text
from guarantees.states import GuaranteeState
from vault.columns import SealedField


class GuaranteeType(models.TextChoices):
    CONTRACT = "contract", "契約保証"
    ADVANCE = "advance", "前払金保証"
    INTERIM_ADVANCE = "interim_advance", "中間前払金保証"


class Channel(models.TextChoices):
    UPLOAD = "upload", "画面から登録"
    EMAIL = "email", "電子メール"
    BRING = "bring", "持参"
    FAX = "fax", "FAX"
    POST = "post", "郵送"


class CredentialKind(models.TextChoices):
    """What opens the certificate at its guarantor's."""

    KEY = "key", "認証キー"
    URL_PASSWORD = "url_password", "閲覧用URLとパスワード"
    NONE = "none", "なし"


class PaperKind(models.TextChoices):
    """What secures the contract where it is no electronic certificate."""

    CERTIFICATE = "certificate", "保証証書（紙）"
    BANK = "bank", "銀行等の保証"
    BOND = "bond", "履行ボンド・履行保証保険"
    CASH = "cash", "契約保証金（現金）"


class FactsSource(models.TextChoices):
    TYPED = "typed", "職員が閲覧して入力"
    PDF = "pdf", "保存した証書を読み取り、職員が確認"
    REGISTRY = "registry", "保証機関への照会"


class GuaranteeQuerySet(TenantQuerySet["Guarantee"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show staff their city's guarantees, and the holder of a guarantee link those of its case."""
        rows = super().visible_to(actor)
        if actor.is_staff or actor.is_system:
            return rows
        return rows.filter(case__links__pk=actor.link_id, case__links__purpose=Purpose.GUARANTEE)


class Guarantee(TenantModel):
    """One certificate: expected, electronic by its number and sealed key (R86, R87), or on paper."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="guarantees")
    type = models.CharField("種類", max_length=20, choices=GuaranteeType)
    state = models.CharField("状態", max_length=20, choices=GuaranteeState, default=GuaranteeState.EXPECTED)
    # 変更契約で変えるべき、もとの保証。変更の証書が受理されると、もとの保証は「変更済」になる
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="amendments")
    expected_at = models.DateTimeField("必要になった日時")
    expected_minimum = models.BigIntegerField("必要な保証金額（円）", default=0)
    expected_maximum = models.BigIntegerField("保証金額の上限（円）", null=True, blank=True)

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    number = models.CharField("保証契約番号", max_length=32, blank=True)
    credential = models.CharField("閲覧の手だて", max_length=20, choices=CredentialKind, default=CredentialKind.NONE)
    sealed_key = SealedField("認証キー（暗号化）", null=True, blank=True, context="key_context")
    sealed_url = SealedField("閲覧用URL（暗号化）", null=True, blank=True, context="url_context")
    key_due_at = models.DateTimeField("認証キーを消す日時", null=True, blank=True)
    key_erased_at = models.DateTimeField("認証キーを消した日時", null=True, blank=True)
    paper_kind = models.CharField("紙の種類", max_length=20, choices=PaperKind, blank=True)
    notice = models.JSONField("お知らせの内容", default=dict, blank=True)
    warnings = models.JSONField("受付時の注意", default=list, blank=True)
    channel = models.CharField("提出方法", max_length=10, choices=Channel, blank=True)
    submitted_by = models.CharField("提出者", max_length=200, blank=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)

    routed_to = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    routed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    routed_at = models.DateTimeField("振り分けた日時", null=True, blank=True)

    facts = models.JSONField("証書の内容", default=dict, blank=True)
    facts_source = models.CharField("証書の内容の出所", max_length=10, choices=FactsSource, blank=True)
    findings = models.JSONField("照合の結果", default=list, blank=True)
    guaranteed_amount = models.BigIntegerField("保証金額（円）", null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField("照合日時", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("決定の日時", null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    released_at = models.DateTimeField("返還・解除の日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(GuaranteeQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "保証"
        verbose_name_plural = "保証"
        constraints = [
            # 変更の証書は、もとの証書と同じ番号のことがある。受け付け中と受理済とで、それぞれ一つ
            models.UniqueConstraint(
                fields=["tenant", "institution", "number"],
                condition=Q(state__in=sorted(states.OPEN)),
                name="one_open_guarantee_per_number",
            ),
            models.UniqueConstraint(
                fields=["tenant", "institution", "number"],
                condition=Q(state=GuaranteeState.DEEMED_DEPOSITED),
                name="one_deposited_guarantee_per_number",
            ),
            models.UniqueConstraint(
                fields=["amends"],
                condition=~Q(state__in=[GuaranteeState.REJECTED, GuaranteeState.NOT_NEEDED]),
                name="one_amendment_of_a_guarantee",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(states.OPEN | {GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.REJECTED}))
                | Q(institution__isnull=False, submitted_at__isnull=False) & ~Q(number="") & ~Q(channel=""),
                name="submitted_guarantee_has_its_number",
            ),
            models.CheckConstraint(
                condition=Q(credential="none")
                | Q(key_erased_at__isnull=False)
                | Q(credential="key", sealed_key__isnull=False)
                | Q(credential="url_password", sealed_key__isnull=False, sealed_url__isnull=False),
                name="credential_is_held_until_erased",
            ),
            models.CheckConstraint(
                condition=Q(key_erased_at__isnull=True) | Q(sealed_key__isnull=True, sealed_url__isnull=True),
                name="erased_key_is_gone",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(states.CHECKABLE | {GuaranteeState.DEEMED_DEPOSITED}))
                | Q(routed_to__isnull=False, routed_at__isnull=False),
                name="routed_guarantee_has_its_department",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[GuaranteeState.CHECKED_OK, GuaranteeState.CHECKED_NG, GuaranteeState.DEEMED_DEPOSITED]
                )
                | Q(checked_at__isnull=False, checked_by__isnull=False, guaranteed_amount__isnull=False),
                name="checked_guarantee_has_its_record",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[GuaranteeState.DEEMED_DEPOSITED, GuaranteeState.PAPER, GuaranteeState.REJECTED])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decision_has_its_record",
            ),
            models.CheckConstraint(
                condition=~Q(state=GuaranteeState.PAPER)
                | Q(guaranteed_amount__isnull=False, submitted_at__isnull=False) & ~Q(paper_kind=""),
                name="paper_guarantee_has_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(state=GuaranteeState.RELEASED, released_at__isnull=False)
                | ~Q(state=GuaranteeState.RELEASED) & Q(released_at__isnull=True),
                name="released_exactly_when_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "submitted_at"], name="guarantee_waiting"),
            models.Index(
                fields=["tenant", "key_due_at"],
                condition=Q(key_due_at__isnull=False, key_erased_at__isnull=True),
                name="guarantee_key_due",
            ),
            # 電子保証の利用実績: その期間に受け取ったもの（変更の証書は、もとの保証と合わせて一件）
            models.Index(
                fields=["tenant", "decided_at"],
                condition=Q(decided_at__isnull=False, amends__isnull=True),
                name="guarantee_deposited",
            ),
        ]
        triggers = [fsm(states.GUARANTEE)]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.number}".strip()

    def move_to(self, state: GuaranteeState) -> None:
        moves.move(self, state, table=states.GUARANTEE)

    @property
    def receipt(self) -> str:
        """Give the number under which the city has taken this guarantee in."""
        return f"{self.pk:08d}"

    @property
    def delta(self) -> int | None:
        """Tell by how many yen the guaranteed amount must rise (+) or may fall (-); None where nothing is amended."""
        if self.amends is None or self.amends.guaranteed_amount is None:
            return None
        wanted = self.expected_minimum if self.type == GuaranteeType.CONTRACT else self.expected_maximum
        return None if wanted is None else wanted - self.amends.guaranteed_amount

    @property
    def delta_size(self) -> int:
        """Tell by how many yen the guaranteed amount rises or falls; 0 where nothing is amended."""
        return abs(self.delta or 0)

    @property
    def delta_text(self) -> str:
        """Say what a change of the contract means for the guaranteed amount; "" where it means nothing."""
        if not self.delta:
            return ""
        if self.delta > 0:
            return f"変更前の保証より {yen(self.delta_size)} の増額が必要です。"
        return f"変更前の保証より {yen(self.delta_size)} 減額できます。"

    @property
    def expected_text(self) -> str:
        """Say which amounts fit: 10,000,000円以上, or 40,000,000円以下."""
        return expected_text(self.expected_minimum, self.expected_maximum)

    @property
    def is_electronic(self) -> bool:
        """Tell whether a certificate came that is seen at its guarantor's by its credential."""
        return self.credential != CredentialKind.NONE

    @property
    def state_tone(self) -> str:
        """Give the tone in which the state is shown."""
        return states.TONES.get(GuaranteeState(self.state), "info")

    @property
    def key_context(self) -> str:
        """Name the one place in which the sealed key opens."""
        return f"guarantee:{self.institution_id}:{self.number}"

    @property
    def url_context(self) -> str:
        """Name the one place in which the sealed address opens."""
        return f"guarantee-url:{self.institution_id}:{self.number}"

    @property
    def notice_facts(self) -> NoticeFacts:
        return NoticeFacts.from_json(self.notice)

    @property
    def certificate_facts(self) -> CertificateFacts:
        return CertificateFacts.from_json(self.facts)
