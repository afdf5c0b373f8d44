"""What a signer knows beside the link of the mail: access codes and one-time codes, and when one was given."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet
from contracts.models.links import AccessLink
from contracts.models.signing import SigningStep
from contracts.models.versions import SigningLevel
from contracts.rules.choices import CODES

MOST_TRIES = 5


class CodeQuerySet(TenantQuerySet["SigningCode"]):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff or actor.is_system else rows.filter(step__links__pk=actor.link_id)


class SigningCode(TenantModel):
    """A code of one step, kept as a keyed hash: an アクセスコード lives for days, a ワンタイムコード for minutes."""

    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="codes")
    link = models.ForeignKey(AccessLink, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("種類", max_length=20, choices=list(CODES.items()))
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField("発行日時")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    conveyed = models.CharField("伝え方", max_length=60, blank=True)
    sent_to = models.EmailField("送り先", blank=True)
    expires_at = models.DateTimeField("有効期限")
    wrong_tries = models.PositiveSmallIntegerField("誤りの回数", default=0)
    used_at = models.DateTimeField("使った日時", null=True, blank=True)
    revoked_at = models.DateTimeField("無効にした日時", null=True, blank=True)

    objects: Any = AskedManager.from_queryset(CodeQuerySet)()
    unscoped: Any = models.Manager()

    class Meta(TenantModel.Meta):
        verbose_name = "署名のコード"
        verbose_name_plural = "署名のコード"
        constraints = [
            models.UniqueConstraint(
                fields=["step"], condition=Q(revoked_at__isnull=True, used_at__isnull=True), name="one_living_code"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=SigningLevel.ACCESS_CODE, made_by__isnull=False, link__isnull=True, used_at__isnull=True
                )
                & ~Q(conveyed="")
                | Q(kind=SigningLevel.ONE_TIME_CODE, link__isnull=False, conveyed="") & ~Q(sent_to=""),
                name="codes_come_by_their_own_way",
            ),
            models.CheckConstraint(condition=Q(wrong_tries__lte=MOST_TRIES), name="tries_are_limited"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="code_lives_for_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.step_id}"

    @property
    def is_locked(self) -> bool:
        return self.wrong_tries >= MOST_TRIES

    @property
    def tries_left(self) -> int:
        return MOST_TRIES - self.wrong_tries

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the code may still be tried."""
        return self.revoked_at is None and self.used_at is None and not self.is_locked and at < self.expires_at


class CodeProof(TenantModel):
    """Someone gave the right code: behind this link, in the browser whose session holds the number of this row."""

    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(AccessLink, on_delete=models.PROTECT, related_name="+")
    code = models.ForeignKey(SigningCode, on_delete=models.PROTECT, related_name="proofs")
    proved_at = models.DateTimeField("確かめた日時")

    class Meta(TenantModel.Meta):
        verbose_name = "コードによる確かめ"
        verbose_name_plural = "コードによる確かめ"

    def __str__(self) -> str:
        return f"{self.step_id} {self.proved_at}"
