"""People, the organizations they act for, and the roles they hold there."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower

from accounts.actors import Actor
from accounts.querysets import AskedManager, TenantModel, TenantQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None = None, name_kana: str = "") -> "User":
        """Add a person who signs in with an address and a password."""
        user = self.model(email=email.strip().lower(), name=name, name_kana=name_kana)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A member of staff, known by their mail address."""

    email = models.EmailField("メールアドレス")
    name = models.CharField("氏名", max_length=100)
    name_kana = models.CharField("氏名のフリガナ", max_length=100, blank=True)
    is_active = models.BooleanField("利用できる", default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "利用者"
        verbose_name_plural = "利用者"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_address"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="address_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationKind(models.TextChoices):
    MUNICIPALITY = "municipality", "自治体"
    # 利用の終わった自治体。だれも役割を持たず、頁は無く、仕事は進まない
    FORMER = "former", "利用の終わった自治体"
    CONTRACTOR = "contractor", "事業者"
    GUARANTOR = "guarantor", "保証機関"
    OPERATOR = "operator", "運営者"


class Organization(models.Model):
    """A municipality (the tenant), a contractor, a guarantor, or who runs this. Its name and help desk are public."""

    kind = models.CharField("種別", max_length=20, choices=OrganizationKind)
    slug = models.SlugField("記号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    mayor_title = models.CharField("首長の職名", max_length=100, blank=True)
    mayor_name = models.CharField("首長の氏名", max_length=100, blank=True)
    address = models.CharField("所在地", max_length=200, blank=True)
    help_desk = models.CharField("問い合わせ先", max_length=100, blank=True)
    help_phone = models.CharField("電話番号", max_length=40, blank=True)
    help_hours = models.CharField("受付時間", max_length=100, blank=True)
    help_email = models.EmailField("問い合わせメール", blank=True)
    help_form = models.URLField("問い合わせフォーム", max_length=500, blank=True)
    download_lifetime = models.DurationField("ダウンロード期間", default=timedelta(days=14))
    max_file_bytes = models.PositiveBigIntegerField("1ファイルの上限", default=50 * 1024 * 1024)
    accepts_signed = models.BooleanField("署名のあるPDFを受け付ける", default=False)
    networks = models.JSONField("使える接続元", default=dict, db_default={}, blank=True)
    max_envelope_bytes = models.PositiveBigIntegerField("文書一式の上限", default=200 * 1024 * 1024)

    class Meta:
        verbose_name = "団体"
        verbose_name_plural = "団体"

    def __str__(self) -> str:
        return self.name

    @property
    def addressee(self) -> str:
        """Name the addressee of a form: 見本市長."""
        return self.mayor_title or self.name


class Department(TenantModel):
    """A department of a municipality (契約担当課, 契約検査課 …)."""

    name = models.CharField("名称", max_length=100)
    email = models.EmailField("メールアドレス", blank=True)
    phone = models.CharField("電話番号", max_length=40, blank=True)
    edit_number = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        verbose_name = "課"
        verbose_name_plural = "課"
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_department_per_name")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    DRAFTER = "drafter", "起案者"
    APPROVER = "approver", "承認者"
    SIGNATORY = "signatory", "署名者"
    GUARANTEE_OFFICER = "guarantee_officer", "契約検査担当"
    AUDITOR = "auditor", "監査担当"
    ADMINISTRATOR = "administrator", "運用管理者"
    UNDERWRITER = "underwriter", "保証審査担当"
    OPERATOR = "operator", "運営担当"

    @classmethod
    def of(cls, kind: str) -> "tuple[Role, ...]":
        """List the roles that people hold in a kind of organization; those of a city are all that are no one else's."""
        elsewhere = {OrganizationKind.GUARANTOR: cls.UNDERWRITER, OrganizationKind.OPERATOR: cls.OPERATOR}
        if kind in elsewhere:
            return (elsewhere[OrganizationKind(kind)],)
        return tuple(role for role in cls if role not in elsewhere.values())


WITH_FACTOR = frozenset({Role.SIGNATORY, Role.ADMINISTRATOR, Role.OPERATOR})  # 二要素認証が要る役割
FACTORS = ("totp", "webauthn")


class SigningBasis(models.TextChoices):
    HEAD = "head", "長"
    DELEGATED = "delegated", "委任"
    DECISION = "decision", "専決"


class MembershipQuerySet(TenantQuerySet["Membership"]):
    def held_on(self, day: date) -> Self:
        """Keep the roles whose term covers a day (JST); in a city that has left, nobody holds any."""
        begun = models.Q(starts_date__isnull=True) | models.Q(starts_date__lte=day)
        held = self.filter(begun, models.Q(ends_date__isnull=True) | models.Q(ends_date__gte=day))
        return held.exclude(tenant__kind=OrganizationKind.FORMER)


class Membership(TenantModel):
    """One role that one person holds in one municipality."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField("役割", max_length=30, choices=Role)
    title = models.CharField("役職", max_length=100, blank=True)
    starts_date = models.DateField("就任日", null=True, blank=True)
    ends_date = models.DateField("任期の末日", null=True, blank=True)
    # 署名者が、何にもとづいて署名するか（長が自ら、委任を受けて、専決の規程で）。署名者のほかは空
    basis = models.CharField("署名の根拠", max_length=20, choices=SigningBasis, blank=True)
    edit_number = models.PositiveIntegerField(default=0)

    objects: Any = AskedManager.from_queryset(MembershipQuerySet)()
    unscoped: Any = MembershipQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = "役割"
        verbose_name_plural = "役割"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user", "role"], name="one_membership_per_role"),
            models.CheckConstraint(
                condition=models.Q(starts_date__isnull=True)
                | models.Q(ends_date__isnull=True)
                | models.Q(ends_date__gte=models.F("starts_date")),
                name="term_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(basis="") | models.Q(role=Role.SIGNATORY), name="only_signatories_have_a_basis"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def holds_on(self, day: date) -> bool:
        """Tell whether the role is held on a day (JST); both ends of the term count."""
        return (self.starts_date is None or self.starts_date <= day) and (
            self.ends_date is None or day <= self.ends_date
        )


# 始まりの日から終わりの日まで（両端を含む）
_DAYS = models.Func("first_date", "last_date", models.Value("[]"), function="daterange", output_field=DateRangeField())


class Delegation(TenantModel):
    """代決: on these days (JST, both ends count) the delegate may act in the principal's stead."""

    principal = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    first_date = models.DateField("始まりの日")
    last_date = models.DateField("終わりの日")
    reason = models.CharField("理由", max_length=200)

    class Meta(TenantModel.Meta):
        verbose_name = "代決"
        verbose_name_plural = "代決"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_date__gte=models.F("first_date")), name="delegation_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~models.Q(principal=models.F("delegate")), name="nobody_delegates_to_self"
            ),
            ExclusionConstraint(
                name="one_delegate_at_a_time",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("principal", RangeOperators.EQUAL),
                    (_DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.delegate}"


class Session(AbstractBaseSession):
    """A browser's session; those of a member of staff name whose they are, so that they can be listed and ended."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "サインイン中の端末"
        verbose_name_plural = "サインイン中の端末"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions import SessionStore

        return SessionStore


class TriesOf(models.TextChoices):
    PASSWORD = "password", "パスワード"
    CODE = "code", "確認コード"
    NETWORK = "network", "回線"


class SignInTries(models.Model):
    """Failures in a row to prove who one is: of an address (known or not), of a person's codes, or from a network."""

    kind = models.CharField("何を試したか", max_length=20, choices=TriesOf)
    # 打たれた文字はアドレスとは限らないので、そのままは持たない
    who = models.CharField("だれ・どこ（ハッシュ）", max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    failures = models.PositiveIntegerField("続けて失敗した数", default=0)
    recent = ArrayField(models.DateTimeField(), verbose_name="近ごろ失敗した時", default=list)
    last_at = models.DateTimeField("最後に試した時")

    class Meta:
        verbose_name = "サインインの試み"
        verbose_name_plural = "サインインの試み"
        constraints = [models.UniqueConstraint(fields=["kind", "who"], name="one_count_of_tries")]
        indexes = [models.Index(fields=["last_at"], name="tries_by_age")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.failures}"


class Deed(models.Model):
    """Something costly that somebody did, kept for a day: what limits hold by when Redis has forgotten."""

    what = models.CharField("何を", max_length=40)
    who = models.CharField("だれ・どこ（ハッシュ）", max_length=64)
    at = models.DateTimeField("時")

    class Meta:
        verbose_name = "数える行い"
        verbose_name_plural = "数える行い"
        indexes = [
            models.Index(fields=["what", "who", "at"], name="deeds_of_someone"),
            models.Index(fields=["at"], name="deeds_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"


class ResetRequest(models.Model):
    """Someone asked for the link to a new password: answered by the worker, alike for known and unknown addresses."""

    email = models.EmailField("打たれたアドレス", max_length=320)
    asked_at = models.DateTimeField("依頼した時")

    class Meta:
        verbose_name = "再設定の依頼"
        verbose_name_plural = "再設定の依頼"

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class VisitEnd(models.TextChoices):
    TERM = "term", "期限が来た"
    VISITOR = "visitor", "運営者が終えた"
    CITY = "city", "自治体が終えさせた"


class VisitQuerySet(TenantQuerySet["Visit"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep the visits to the city of its people, and of an operator at their desk, their own to any city."""
        return self.filter(visitor_id=actor.user_id) if actor.has(Role.OPERATOR) else super().visible_to(actor)


class Visit(TenantModel):
    """立入り: for some hours, someone of the operator reads the pages of a city, which is told of it and may end it."""

    LONGEST = timedelta(hours=4)

    visitor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # だれだったかは、市の側からは引けない（運営者の所属は市の行ではない）ので、書き写しておく
    visitor_name = models.CharField("立ち入る人", max_length=100)
    visitor_email = models.EmailField("メールアドレス")
    operator_name = models.CharField("運営者", max_length=100)
    reason = models.CharField("理由", max_length=200)
    began_at = models.DateTimeField("始まり")
    ends_at = models.DateTimeField("期限")
    ended_at = models.DateTimeField("終わり", null=True, blank=True)
    ended_how = models.CharField("終わり方", max_length=20, choices=VisitEnd, blank=True)
    ended_by = models.CharField("終えた人", max_length=100, blank=True)

    objects: Any = AskedManager.from_queryset(VisitQuerySet)()
    unscoped: Any = VisitQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = "立入り"
        verbose_name_plural = "立入り"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("began_at"))
                & models.Q(ends_at__lte=models.F("began_at") + timedelta(hours=4)),
                name="visit_lasts_some_hours",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_how="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_how="")),
                name="visit_ended_exactly_when_known_how",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="visit_has_a_reason"),
            models.UniqueConstraint(
                fields=["visitor"], condition=models.Q(ended_at__isnull=True), name="one_visit_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "ends_at"], condition=models.Q(ended_at__isnull=True), name="visit_open")
        ]

    def __str__(self) -> str:
        return f"{self.visitor_name}（{self.operator_name}）"

    @property
    def thread(self) -> str:
        """Name the thread of the city's journal that tells what was looked at."""
        return f"visit:{self.pk}"

    def lasts(self, at: datetime) -> bool:
        """Tell whether the visitor may still look at pages."""
        return self.ended_at is None and at < self.ends_at


# 別の部屋にある表も、Django はここから見つける
from accounts.federation.models import Arrival as Arrival  # noqa: E402
from accounts.federation.models import FederatedIdentity as FederatedIdentity  # noqa: E402
from accounts.federation.models import IdentityProvider as IdentityProvider  # noqa: E402
