"""Who signs in which order, and the work of sealing that it makes."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts import states
from contracts.models.contractors import Contractor
from contracts.models.documents import Document
from contracts.models.lifecycle import fsm
from contracts.models.versions import ContractVersion, SigningLevel
from contracts.states import ChangeState, JobState, StepState


class Party(models.TextChoices):
    CONTRACTOR = "contractor", "受注者"
    CITY = "city", "発注者"


class StepKind(models.TextChoices):
    SIGN = "sign", "署名"
    CONFIRM = "confirm", "確認"


class SignatureType(models.TextChoices):
    """Whose key makes the signature (R35); only the first can be chosen until firms bring keys of their own."""

    WITNESS = "witness", "立会人型（事業者署名型）"
    PARTY = "party", "当事者型"


class StepQuerySet(TenantQuerySet["SigningStep"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(links__pk=actor.link_id)


class SigningStep(TenantModel):
    """One party's place in the order: the contractor first, then the city (R58)."""

    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="steps")
    order = models.PositiveSmallIntegerField("順番")
    kind = models.CharField("種類", max_length=10, choices=StepKind, default=StepKind.SIGN)
    party = models.CharField("当事者", max_length=20, choices=Party)
    signature_type = models.CharField("署名の方式", max_length=20, choices=SignatureType, default=SignatureType.WITNESS)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("氏名", max_length=100)
    title = models.CharField("役職", max_length=100, blank=True)
    email = models.EmailField("メールアドレス")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    level = models.CharField("確かめ方", max_length=20, choices=SigningLevel, default=SigningLevel.LINK)
    # ワンタイムコードを送る先。署名者の宛先とは別の、同じ会社の宛先
    second_email = models.EmailField("第二の宛先", blank=True)
    state = models.CharField("状態", max_length=20, choices=StepState, default=StepState.WAITING)
    requested_at = models.DateTimeField("依頼日時", null=True, blank=True)
    opened_at = models.DateTimeField("確認を始めた日時", null=True, blank=True)
    instructed_at = models.DateTimeField("署名を指示した日時", null=True, blank=True)
    instructed_ip = models.GenericIPAddressField("指示した接続元", null=True, blank=True)
    instructed_agent = models.CharField("指示したブラウザ", max_length=300, blank=True)
    authentication = models.CharField("本人確認の方法", max_length=100, blank=True)
    confirmed_at = models.DateTimeField("確認日時", null=True, blank=True)
    signed_at = models.DateTimeField("署名日時（タイムスタンプ）", null=True, blank=True)
    # 署名の後に直した、締結済みの文書を渡す宛先。署名に残る email は変えない
    handed_email = models.EmailField("受け渡しの宛先", blank=True)
    downloaded_at = models.DateTimeField("初めてダウンロードした日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(StepQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "署名の順番"
        verbose_name_plural = "署名の順番"
        constraints = [
            models.UniqueConstraint(fields=["version", "order"], name="one_step_per_place"),
            models.CheckConstraint(
                condition=Q(signature_type=SignatureType.WITNESS), name="only_witnessed_signatures_can_be_made"
            ),
            models.CheckConstraint(
                condition=Q(state=StepState.SIGNED, signed_at__isnull=False)
                | (~Q(state=StepState.SIGNED) & Q(signed_at__isnull=True)),
                name="signed_exactly_when_timestamped",
            ),
            models.CheckConstraint(
                condition=Q(state=StepState.CONFIRMED, confirmed_at__isnull=False)
                | (~Q(state=StepState.CONFIRMED) & Q(confirmed_at__isnull=True)),
                name="confirmed_exactly_when_dated",
            ),
            models.CheckConstraint(
                condition=Q(kind=StepKind.SIGN) & ~Q(state=StepState.CONFIRMED)
                | Q(kind=StepKind.CONFIRM) & ~Q(state__in=[StepState.INSTRUCTED, StepState.SIGNED]),
                name="confirming_is_not_signing",
            ),
            models.CheckConstraint(
                condition=Q(level=SigningLevel.LINK) | Q(party=Party.CONTRACTOR, kind=StepKind.SIGN),
                name="codes_are_for_contractors_who_sign",
            ),
            models.CheckConstraint(
                condition=Q(second_email="") & ~Q(level=SigningLevel.ONE_TIME_CODE)
                | Q(level=SigningLevel.ONE_TIME_CODE) & ~Q(second_email="") & ~Q(second_email__iexact=F("email")),
                name="one_time_codes_have_an_address_of_their_own",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[StepState.INSTRUCTED, StepState.SIGNED])
                | (Q(instructed_at__isnull=False) & ~Q(authentication="")),
                name="instruction_is_recorded",
            ),
        ]
        indexes = [
            # まだダウンロードしていない受注者の一覧
            models.Index(
                fields=["tenant", "version"],
                condition=Q(party=Party.CONTRACTOR, downloaded_at__isnull=True),
                name="step_not_downloaded",
            ),
            # どの画面も、受信箱の件数として尋ねる
            models.Index(
                fields=["tenant", "version"],
                condition=Q(state__in=[StepState.WAITING, StepState.REQUESTED]),
                name="step_open",
            ),
        ]
        triggers = [fsm(states.STEP)]

    def __str__(self) -> str:
        return f"{self.get_party_display()} {self.name}"

    @property
    def receiver(self) -> str:
        """Give the address to which the concluded documents are handed."""
        return self.handed_email or self.email

    @property
    def wants_code(self) -> bool:
        """Tell whether the city passes an access code on before this signature can be given."""
        return self.level == SigningLevel.ACCESS_CODE and self.state in {StepState.WAITING, StepState.REQUESTED}

    @property
    def access_code(self) -> Any:
        """Give the access code that is not replaced yet, of codes that may be prefetched; None when there is none."""
        return next((code for code in self.codes.all() if code.revoked_at is None), None)

    @property
    def lacks_code(self) -> bool:
        """Tell whether the signer waits for a code, or for another after too many wrong tries."""
        return self.wants_code and (self.access_code is None or self.access_code.is_locked)

    def move_to(self, state: StepState) -> None:
        states.move(self, state, table=states.STEP)


class ChangeQuerySet(TenantQuerySet["SignerChange"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(step__links__pk=actor.link_id)


class SignerChange(TenantModel):
    """A signer's wish that someone else signs for the firm (署名者の変更の申出); the department answers it."""

    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField("状態", max_length=20, choices=ChangeState, default=ChangeState.ASKED)
    title = models.CharField("新しい署名者の役職", max_length=100)
    name = models.CharField("新しい署名者の氏名", max_length=100)
    email = models.EmailField("新しい署名者のメールアドレス")
    reason = models.CharField("変更の理由", max_length=500)
    asked_by = models.CharField("申し出た人", max_length=100)
    asked_email = models.EmailField("申し出た人のメールアドレス")
    asked_at = models.DateTimeField("申出の日時")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答えた日時", null=True, blank=True)
    refusal = models.CharField("変更しない理由", max_length=500, blank=True)

    objects: Any = AskedManager.from_queryset(ChangeQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "署名者の変更の申出"
        verbose_name_plural = "署名者の変更の申出"
        constraints = [
            models.UniqueConstraint(
                fields=["step"], condition=Q(state=ChangeState.ASKED), name="one_open_change_per_step"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[ChangeState.ACCEPTED, ChangeState.REFUSED],
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                )
                | Q(
                    state__in=[ChangeState.ASKED, ChangeState.LAPSED],
                    answered_by__isnull=True,
                    answered_at__isnull=True,
                ),
                name="answered_exactly_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state=ChangeState.REFUSED) & ~Q(refusal="") | ~Q(state=ChangeState.REFUSED) & Q(refusal=""),
                name="refused_exactly_with_a_reason",
            ),
        ]
        triggers = [fsm(states.CHANGE)]

    def __str__(self) -> str:
        return f"{self.asked_by} → {self.name}"

    def move_to(self, state: ChangeState) -> None:
        states.move(self, state, table=states.CHANGE)


class SigningJob(TenantModel):
    """The work of sealing one document for one step: the row is the queue, Celery is the doorbell.

    A worker claims the row under a fencing number until `due_at`, which it puts off while it works; what a worker
    whose time ran out brings back is thrown away.
    """

    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="jobs")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField("状態", max_length=20, choices=JobState, default=JobState.QUEUED)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField("試行回数", default=0)
    lost = models.PositiveSmallIntegerField("続けて途中で絶えた回数", default=0, db_default=0)
    # 待っている間は次に試す日時、処理中はほかの worker が引き取ってよくなる日時
    due_at = models.DateTimeField("手に取れる日時")
    # 市の中では、契約締結の期限の早いものから取る
    deadline_date = models.DateField("契約締結の期限")
    started_at = models.DateTimeField("封印を始めた日時", null=True, blank=True)
    last_error = models.CharField("直近の理由", max_length=500, blank=True)
    done_at = models.DateTimeField("完了日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "封印の仕事"
        verbose_name_plural = "封印の仕事"
        constraints = [
            models.UniqueConstraint(fields=["step", "document"], name="one_job_per_step_and_document"),
            models.CheckConstraint(
                condition=Q(state=JobState.DONE, done_at__isnull=False) | ~Q(state=JobState.DONE),
                name="done_job_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, started_at__isnull=False) | ~Q(state=JobState.RUNNING),
                name="running_job_has_begun",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "due_at"], condition=~Q(state=JobState.DONE), name="job_waiting"),
            models.Index(fields=["tenant", "deadline_date", "id"], condition=~Q(state=JobState.DONE), name="job_order"),
        ]
        triggers = [fsm(states.JOB)]

    def __str__(self) -> str:
        return f"{self.step_id}/{self.document_id}"

    @classmethod
    def are_held(cls, jobs: Iterable["SigningJob"]) -> bool:
        """Tell whether unfinished work has failed and is in no worker's hands now."""
        unfinished = [job for job in jobs if job.state != JobState.DONE]
        running = any(job.state == JobState.RUNNING for job in unfinished)
        return not running and any(job.last_error for job in unfinished)

    def move_to(self, state: JobState) -> None:
        states.move(self, state, table=states.JOB)
