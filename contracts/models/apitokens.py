"""What the city's other systems show when they ask: 256 random bits, kept as a hash, with a scope and an end."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts import networks
from accounts.models import Role, User
from accounts.querysets import TenantModel

LONGEST_LIFE = timedelta(days=366)
# 承認と署名は、人がする。トークンには、その役割を持たせない
HANDS = (Role.DRAFTER, Role.GUARANTEE_OFFICER)


class Scope(models.TextChoices):
    """What a token may be used for; without one of these it opens nothing."""

    CASES_READ = "cases:read", "案件と承諾書の様子を読む"
    CASES_WRITE = "cases:write", "案件を登録・訂正し、承諾書を依頼する"
    CONTRACTS_READ = "contracts:read", "契約の版と署名の進み具合を読む"
    DOCUMENTS_READ = "documents:read", "締結済みの文書（PDF）を受け取る"
    GUARANTEES_READ = "guarantees:read", "保証を読む"
    REGISTER_READ = "register:read", "事業者の名簿を読む"
    REGISTER_WRITE = "register:write", "事業者の名簿を改める"
    EVENTS_READ = "events:read", "起きたことを順に読む（操作記録の抜粋）"


class ApiToken(TenantModel):
    """A key of another system of the city, for which one member of staff answers (担当の職員)."""

    name = models.CharField("使う仕組みの名", max_length=60)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="担当の職員")
    hint = models.CharField("トークンの初めの文字", max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    # 作る用紙に刷った番号。同じ用紙が二度届いても、二つめを作らない
    asked_with = models.UUIDField("用紙の番号", null=True, unique=True)
    scopes = models.JSONField("使える範囲", default=list)
    networks = models.JSONField("使える接続元", default=list, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時")
    expires_at = models.DateTimeField("期限")
    revoked_at = models.DateTimeField("取消しの日時", null=True, blank=True)
    last_used_at = models.DateTimeField("最後に使われた日時", null=True, blank=True)
    last_used_ip = models.GenericIPAddressField("最後の接続元", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "連携のトークン"
        verbose_name_plural = "連携のトークン"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")) & Q(expires_at__lte=F("made_at") + LONGEST_LIFE),
                name="token_lives_a_year_at_most",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether the token still opens anything at an instant."""
        return self.revoked_at is None and at < self.expires_at

    def admits(self, address: str | None) -> bool:
        """Tell whether it may be shown from an IP address: from anywhere, or from the networks it is bound to."""
        return not self.networks or networks.holds(self.networks, address)

    @property
    def scope_labels(self) -> list[str]:
        known: Any = dict(Scope.choices)
        return [known[scope] for scope in self.scopes if scope in known]


class ApiAnswer(TenantModel):
    """What a POST with an Idempotency-Key was answered; kept for some days, so that a repeat gets the same."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    asked = models.CharField("求めの SHA-256", max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        verbose_name = "連携の答え"
        verbose_name_plural = "連携の答え"
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["tenant", "made_at"], name="answer_of_city_by_age")]

    def __str__(self) -> str:
        return self.key
