"""Links in mails: 256 random bits, stored as a hash, each for one purpose, revocable, never shown to staff."""

import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.querysets import TenantModel
from contracts.models.cases import Case
from contracts.models.consents import Consent
from contracts.models.contractors import LONGEST_FULL_NAME


class Purpose(models.TextChoices):
    CONSENT = "consent", "承諾書の提出"
    SIGN = "sign", "内容の確認と署名"
    DOWNLOAD = "download", "締結済み文書のダウンロード"
    GUARANTEE = "guarantee", "保証の登録"
    ADDRESS = "address", "宛先の確認"
    STANDING = "standing", "承諾の控えと撤回"


# 承諾書の一通についての用件
OF_CONSENT = (Purpose.CONSENT, Purpose.ADDRESS, Purpose.STANDING)


def token_hash(token: str) -> str:
    """Hash a token for storage; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def mailbox() -> models.GeneratedField:
    """Declare the column by which an address is found: capital and small letters are the same mailbox.

    Behind the walls an index serves a column, but not upper(email): that function is not leakproof, so PostgreSQL
    reads every row of the municipality before it.
    """
    return models.GeneratedField(
        expression=Upper(F("email")), output_field=models.CharField(max_length=254), db_persist=True
    )


class AccessLink(TenantModel):
    """One link to one person for one purpose."""

    purpose = models.CharField("用件", max_length=20, choices=Purpose)
    token_hash = models.CharField(max_length=64, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    step = models.ForeignKey(
        "contracts.SigningStep", on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="links")
    name = models.CharField("宛名", max_length=LONGEST_FULL_NAME)
    email = models.EmailField("宛先")
    mailbox = mailbox()
    made_at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("有効期限")
    opened_at = models.DateTimeField("使い始めた日時", null=True, blank=True)
    revoked_at = models.DateTimeField("無効にした日時", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "メールのリンク"
        verbose_name_plural = "メールのリンク"
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose__in=[Purpose.SIGN, Purpose.DOWNLOAD]) | Q(step__isnull=False),
                name="signing_links_name_their_step",
            ),
            models.CheckConstraint(
                condition=~Q(purpose__in=OF_CONSENT) | Q(consent__isnull=False),
                name="consent_links_name_their_consent",
            ),
        ]
        indexes = [
            # 窓口の用件と、宛先に用件のある市（contracts_who_writes_to）
            models.Index(fields=["mailbox", "tenant"], name="links_of_a_mailbox"),
            # 期限の近いダウンロードの催促
            models.Index(
                fields=["tenant", "expires_at"],
                condition=Q(purpose="download", revoked_at__isnull=True),
                name="downloads_ending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.email}"

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the link still opens its page."""
        return self.revoked_at is None and at < self.expires_at
