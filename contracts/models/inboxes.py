"""受注者の窓口: what one mail address has to do with a city, opened by a mailed link or a code, and what it keeps."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from accounts.querysets import TenantModel
from contracts.models.codes import MOST_TRIES
from contracts.models.links import AccessLink, mailbox
from contracts.models.signing import SigningStep

# 窓口から来た人の用件。一つの案件のためのリンク（Purpose）ではない
INBOX = "inbox"


class Inbox(TenantModel):
    """One mail address in one city; capital and small letters are the same mailbox.

    Where its reader agreed, it is shown beside those of other cities, since `joined_at`.
    """

    email = models.EmailField("メールアドレス", max_length=254)
    mailbox = mailbox()
    made_at = models.DateTimeField("作成日時")
    joined_at = models.DateTimeField("ほかの市町村の窓口とまとめた日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "受注者の窓口"
        verbose_name_plural = "受注者の窓口"
        constraints = [models.UniqueConstraint(fields=["tenant", "mailbox"], name="one_inbox_per_mailbox")]

    def __str__(self) -> str:
        return self.email


class InboxLink(TenantModel):
    """A mailed way into an inbox: 256 random bits, stored as a hash; a newer one leaves the older ones alive."""

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("有効期限")
    opened_at = models.DateTimeField("使い始めた日時", null=True, blank=True)
    revoked_at = models.DateTimeField("無効にした日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "窓口のリンク"
        verbose_name_plural = "窓口のリンク"

    def __str__(self) -> str:
        return f"{self.inbox} {self.made_at}"

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the link still opens its page."""
        return self.revoked_at is None and at < self.expires_at


class KeptContract(TenantModel):
    """A concluded contract that a party put into its inbox (むすびで保管, R67)."""

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="kept")
    step = models.ForeignKey(SigningStep, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField("保管日時")

    class Meta(TenantModel.Meta):
        verbose_name = "窓口に保管した契約"
        verbose_name_plural = "窓口に保管した契約"
        constraints = [models.UniqueConstraint(fields=["inbox", "step"], name="kept_once")]

    def __str__(self) -> str:
        return f"{self.inbox} {self.step_id}"


class AddressCode(TenantModel):
    """A code mailed to an address, by which a person shows that they read it; kept as a keyed hash.

    Without a link it opens the inbox; with one, it renews that download.
    """

    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="codes")
    link = models.ForeignKey(AccessLink, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("有効期限")
    wrong_tries = models.PositiveSmallIntegerField("誤りの回数", default=0)
    used_at = models.DateTimeField("使った日時", null=True, blank=True)
    revoked_at = models.DateTimeField("無効にした日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "宛先の確認コード"
        verbose_name_plural = "宛先の確認コード"
        constraints = [
            models.UniqueConstraint(
                fields=["inbox", "link"],
                condition=Q(revoked_at__isnull=True, used_at__isnull=True),
                nulls_distinct=False,
                name="one_living_code_per_errand",
            ),
            models.CheckConstraint(condition=Q(wrong_tries__lte=MOST_TRIES), name="address_tries_are_limited"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="address_code_lives_for_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.inbox} {self.made_at}"

    @property
    def is_locked(self) -> bool:
        return self.wrong_tries >= MOST_TRIES

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the code may still be tried."""
        return self.revoked_at is None and self.used_at is None and not self.is_locked and at < self.expires_at
