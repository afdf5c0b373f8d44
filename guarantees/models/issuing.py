"""A guarantor's own books: whom it deals with, what they apply for, and the certificates it has issued."""

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import Actor, ActorKind
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states as moves
from contracts.models.lifecycle import fsm
from contracts.models.upkeep import Upkeep
from guarantees import states
from guarantees.models.guarantees import GuaranteeType
from guarantees.states import ApplicationState, IssueState
from vault.columns import SealedField
from vault.models import StoredFile


class Side(models.TextChoices):
    APPLICANT = "applicant", "保証契約者"
    ORDERER = "orderer", "発注者"


class CorrespondentQuerySet(TenantQuerySet["Correspondent"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show a guarantor's people all of its books; the holder of a link themselves, and whom to apply towards."""
        rows = super().visible_to(actor)
        if actor.is_staff or actor.is_system:
            return rows
        own = Q(links__pk=actor.link_id)
        return rows.filter(own | Q(side=Side.ORDERER) if actor.kind is ActorKind.CONTRACTOR else own).distinct()


class Correspondent(TenantModel):
    """A contractor that applies for guarantees, or an orderer that views certificates; neither has an account."""

    side = models.CharField("区分", max_length=10, choices=Side)
    name = models.CharField("名称", max_length=200)
    address = models.CharField("所在地", max_length=200, blank=True)
    email = models.EmailField("メールアドレス")
    phone = models.CharField("電話番号", max_length=40, blank=True)
    # 発注者のシステムが名乗る合言葉。元の文字は、渡したときにしか見えない
    token_hash = models.CharField(max_length=64, blank=True)
    token_made_at = models.DateTimeField("接続用の合言葉を作った日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(CorrespondentQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "取引先"
        verbose_name_plural = "取引先"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "side", "name"], name="one_correspondent_per_name"),
            models.UniqueConstraint(
                fields=["tenant", "token_hash"], condition=~Q(token_hash=""), name="one_orderer_per_token"
            ),
            models.CheckConstraint(
                condition=Q(token_hash="", token_made_at__isnull=True)
                | (~Q(token_hash="") & Q(side=Side.ORDERER, token_made_at__isnull=False)),
                name="only_orderers_connect",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntryLink(TenantModel):
    """A mailed way in for a correspondent: 256 random bits, stored as a hash."""

    correspondent = models.ForeignKey(Correspondent, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("有効期限")
    opened_at = models.DateTimeField("使い始めた日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "取引先のリンク"
        verbose_name_plural = "取引先のリンク"

    def __str__(self) -> str:
        return f"{self.correspondent} {self.made_at}"

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the link still opens its page."""
        return at < self.expires_at


class ApplicationQuerySet(TenantQuerySet["Application"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show a guarantor's people all of its books, and the holder of a link their own applications."""
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(applicant__links__pk=actor.link_id)


class Application(TenantModel):
    """An application for a guarantee, or for a change of one (保証申込, R101); amounts in whole yen with tax."""

    applicant = models.ForeignKey(Correspondent, on_delete=models.PROTECT, related_name="applications")
    orderer = models.ForeignKey(Correspondent, on_delete=models.PROTECT, related_name="+")
    type = models.CharField("種類", max_length=20, choices=GuaranteeType)
    work_title = models.CharField("工事名", max_length=300)
    price = models.BigIntegerField("請負金額（総額）")
    base_price = models.BigIntegerField("請負金額（対象額）", null=True, blank=True)
    amount = models.BigIntegerField("保証金額")
    work_from = models.DateField("工期の始まり")
    work_until = models.DateField("工期の終わり")
    deposit_bank = models.CharField("前払金預託金融機関", max_length=100, blank=True)
    changes = models.ForeignKey(
        "guarantees.IssuedCertificate", on_delete=models.PROTECT, null=True, blank=True, related_name="change_requests"
    )
    state = models.CharField("状態", max_length=20, choices=ApplicationState, default=ApplicationState.APPLIED)
    applied_at = models.DateTimeField("申込日時")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("審査日時", null=True, blank=True)
    reason = models.CharField("お引き受けできない理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(ApplicationQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "保証申込"
        verbose_name_plural = "保証申込"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("price"), work_until__gte=F("work_from")),
                name="application_makes_sense",
            ),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.APPLIED, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=ApplicationState.APPLIED) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="application_decided_exactly_when_dated",
            ),
            models.UniqueConstraint(
                fields=["changes"],
                condition=Q(state=ApplicationState.APPLIED),
                name="one_open_change_per_certificate",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "applied_at"], name="application_waiting")]
        triggers = [fsm(states.APPLICATION)]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.work_title}"

    def move_to(self, state: ApplicationState) -> None:
        moves.move(self, state, table=states.APPLICATION)


class IssuedCertificateQuerySet(TenantQuerySet["IssuedCertificate"]):
    def visible_to(self, actor: Actor) -> Self:
        """Show a guarantor's people all of its books, and the holder of a link their own certificates."""
        rows = super().visible_to(actor)
        if actor.is_staff or actor.is_system:
            return rows
        return rows.filter(application__applicant__links__pk=actor.link_id)


class IssuedCertificate(Upkeep):
    """A certificate (電子証書) this guarantor answers for, and the work of printing and sealing it.

    `facts` is what it says (CertificateFacts); `pdf` is empty until it is sealed.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="certificate")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    number = models.CharField("保証契約番号", max_length=32)
    sealed_key = SealedField("認証キー（暗号化）", context="key_context")
    facts = models.JSONField("証書の記載")
    state = models.CharField("状態", max_length=20, choices=IssueState, default=IssueState.SEALING)
    issued_at = models.DateTimeField("発行日時")
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sealed_at = models.DateTimeField("封印した日時", null=True, blank=True)
    key_fingerprint = models.CharField("封印した証明書（SHA-256）", max_length=64, blank=True)
    viewed_at = models.DateTimeField("発注者が最初に閲覧した日時", null=True, blank=True)
    ended_at = models.DateTimeField("解約した日時", null=True, blank=True)
    reason = models.CharField("解約の理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(IssuedCertificateQuerySet)()

    class Meta(Upkeep.Meta):
        verbose_name = "発行した証書"
        verbose_name_plural = "発行した証書"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="one_certificate_per_number"),
            models.CheckConstraint(
                condition=Q(state=IssueState.SEALING, pdf__isnull=True, sealed_at__isnull=True)
                | (~Q(state=IssueState.SEALING) & Q(pdf__isnull=False, sealed_at__isnull=False)),
                name="certificate_sealed_exactly_when_kept",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "due_at"], condition=Q(pdf__isnull=True), name="issued_to_seal")]
        triggers = [fsm(states.ISSUE)]

    def __str__(self) -> str:
        return self.number

    def move_to(self, state: IssueState) -> None:
        moves.move(self, state, table=states.ISSUE)

    @property
    def key_context(self) -> str:
        """Name the one place in which the sealed key opens."""
        return f"issued:{self.number}"

    @property
    def issued_date(self) -> date:
        """Return the day of issue in Japan."""
        return timezone.localdate(self.issued_at)


class Tries(TenantModel):
    """How often an orderer has asked for a number with a wrong key; whether it exists makes no difference."""

    orderer = models.ForeignKey(Correspondent, on_delete=models.PROTECT, related_name="tries")
    number = models.CharField("保証契約番号", max_length=32)
    wrong = models.PositiveSmallIntegerField("誤りの回数", default=0)
    locked_at = models.DateTimeField("停止した日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "閲覧の試み"
        verbose_name_plural = "閲覧の試み"
        constraints = [models.UniqueConstraint(fields=["tenant", "orderer", "number"], name="one_count_per_number")]
        indexes = [
            models.Index(fields=["tenant", "locked_at"], condition=Q(locked_at__isnull=False), name="locked_numbers")
        ]

    def __str__(self) -> str:
        return f"{self.orderer} {self.number}"

    @property
    def field_id(self) -> str:
        """Name the field for the reason of opening it again, once on a page."""
        return f"unlock-{self.pk}"
