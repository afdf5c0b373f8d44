from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states
from contracts.models.cases import Case
from contracts.models.contractors import LONGEST_FULL_NAME, LONGEST_TITLED_NAME, Contractor
from contracts.models.lifecycle import fsm
from contracts.states import ConsentState
from vault.models import StoredFile


class ConsentChannel(models.TextChoices):
    FORM = "form", "画面で提出"
    MAIL = "mail", "メールで提出（職員が登録）"


class ConsentQuerySet(TenantQuerySet["Consent"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(links__pk=actor.link_id)


class Consent(TenantModel):
    """様式第1号 電子契約利用承諾書: asked of every firm once per case, not again for amendments (R44, R48–R57)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consents")
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状態", max_length=20, choices=ConsentState, default=ConsentState.INVITED)
    statement = models.CharField("承諾の文", max_length=500)
    notes = models.JSONField("備考", default=list)
    methods = models.JSONField("示した方法", default=list)
    methods_agreed_at = models.DateTimeField("方法を確かめて承諾した日時", null=True, blank=True)
    channel = models.CharField("提出方法", max_length=10, choices=ConsentChannel, default=ConsentChannel.FORM)
    address = models.CharField("住所", max_length=300, blank=True)
    company_name = models.CharField("商号又は名称", max_length=LONGEST_FULL_NAME, blank=True)
    representative_name = models.CharField("代表者名", max_length=LONGEST_TITLED_NAME, blank=True)
    authority_company = models.CharField("請負（受注）者名", max_length=LONGEST_FULL_NAME, blank=True)
    authority_title = models.CharField("契約締結権限者の役職", max_length=100, blank=True)
    authority_name = models.CharField("契約締結権限者の氏名", max_length=100, blank=True)
    authority_email = models.EmailField("契約締結権限者のメールアドレス", blank=True)
    contact_department = models.CharField("契約事務担当者の部署名", max_length=100, blank=True)
    contact_title = models.CharField("契約事務担当者の役職", max_length=100, blank=True)
    contact_name = models.CharField("契約事務担当者の氏名", max_length=100, blank=True)
    contact_phone = models.CharField("契約事務担当者の電話番号", max_length=40, blank=True)
    # 様式の外で、任意に尋ねる（様式第1号の契約事務担当者の欄に宛先はない）
    contact_email = models.EmailField("契約事務担当者のメールアドレス", blank=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    address_confirmed_at = models.DateTimeField("宛先の到達を確かめた日時", null=True, blank=True)
    accepted_at = models.DateTimeField("承諾確認日時", null=True, blank=True)
    authority_changed_at = models.DateTimeField("契約締結権限者を変えた日時", null=True, blank=True)
    return_reason = models.CharField("差戻しの理由", max_length=500, blank=True)
    cancelled_at = models.DateTimeField("依頼を取り消した日時", null=True, blank=True)
    cancel_reason = models.CharField("依頼の取消しの理由", max_length=500, blank=True)
    withdrawn_at = models.DateTimeField("撤回日時", null=True, blank=True)
    withdrawal_reason = models.CharField("撤回の理由", max_length=500, blank=True)
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects: Any = AskedManager.from_queryset(ConsentQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "電子契約利用承諾書"
        verbose_name_plural = "電子契約利用承諾書"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "contractor"],
                condition=Q(state__in=sorted(states.LIVE_CONSENTS)),
                name="one_living_consent_per_firm",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsentState.WITHDRAWN, withdrawn_at__isnull=False)
                | (~Q(state=ConsentState.WITHDRAWN) & Q(withdrawn_at__isnull=True)),
                name="withdrawn_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsentState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancel_reason="")
                | ~Q(state=ConsentState.CANCELLED) & Q(cancelled_at__isnull=True, cancel_reason=""),
                name="cancelled_exactly_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ConsentState.SUBMITTED, ConsentState.RETURNED, ConsentState.ACCEPTED])
                | (Q(submitted_at__isnull=False) & Q(paper__isnull=False) & ~Q(authority_email="")),
                name="submitted_consent_is_complete",
            ),
            # 承諾の後に宛先を変えたときだけ、確かめ直すまでの間、宛先の日時が空になる
            models.CheckConstraint(
                condition=~Q(state=ConsentState.ACCEPTED)
                | Q(accepted_at__isnull=False)
                & (Q(address_confirmed_at__isnull=False) | Q(authority_changed_at__isnull=False)),
                name="accepted_consent_is_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "case"],
                condition=Q(state__in=[ConsentState.INVITED, ConsentState.SUBMITTED, ConsentState.RETURNED]),
                name="consent_open",
            ),
            # 案件がどこまで進んだかを、広い行を開かずに答える
            models.Index(
                fields=["tenant", "case", "contractor", "id"],
                include=["state", "address_confirmed_at"],
                name="consent_of_case",
            ),
        ]
        triggers = [fsm(states.CONSENT)]

    def __str__(self) -> str:
        return f"承諾書 {self.case_id}"

    def move_to(self, state: ConsentState) -> None:
        states.move(self, state, table=states.CONSENT)


class SubmissionQuerySet(TenantQuerySet["ConsentSubmission"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(consent__links__pk=actor.link_id)


class ConsentSubmission(TenantModel):
    """One submission of 様式第1号 as it came in: kept when the form is sent back and submitted again."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField("回")
    channel = models.CharField("提出方法", max_length=10, choices=ConsentChannel)
    submitted_at = models.DateTimeField("提出日時")
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    received = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="受け取ったままのファイル",
    )
    normalised = models.JSONField("受付時に整えたこと", default=list)
    returned_at = models.DateTimeField("差戻し日時", null=True, blank=True)
    return_reason = models.CharField("差戻しの理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(SubmissionQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "承諾書の提出"
        verbose_name_plural = "承諾書の提出"
        ordering: ClassVar = ["consent", "number"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "number"], name="one_submission_per_number"),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, return_reason="")
                | (Q(returned_at__isnull=False) & ~Q(return_reason="")),
                name="returned_exactly_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(received__isnull=True, normalised=[]) | Q(received__isnull=False) & ~Q(normalised=[]),
                name="paper_received_exactly_when_normalised",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent} 第{self.number}回"
