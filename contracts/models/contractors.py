"""The register of qualified bidders (競争入札参加資格者名簿): firms, joint ventures, and who may sign for them."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.querysets import TenantModel

# 支店等まで入れた名と、役職を付けた氏名の長さ。ほかの表が写すときの列の長さでもある
LONGEST_FULL_NAME = 200 + 1 + 150
LONGEST_TITLED_NAME = 100 + 1 + 100


class Contractor(TenantModel):
    """A firm on the register, or a joint venture of such firms; names stand exactly as written (R9, R56)."""

    name = models.CharField("商号又は名称", max_length=200)
    name_kana = models.CharField("商号又は名称のフリガナ", max_length=200, blank=True)
    name_key = models.CharField(max_length=400)
    registration_number = models.CharField("登録番号", max_length=60, blank=True)
    branch = models.CharField("委任先の支店等", max_length=150, blank=True)
    address = models.CharField("住所", max_length=300)
    representative_title = models.CharField("代表者の役職", max_length=100)
    representative_name = models.CharField("代表者名", max_length=100)
    representative_kana = models.CharField("代表者名のフリガナ", max_length=100, blank=True)
    agent_title = models.CharField("受任者の役職", max_length=100, blank=True)
    agent_name = models.CharField("受任者の氏名", max_length=100, blank=True)
    agent_kana = models.CharField("受任者の氏名のフリガナ", max_length=100, blank=True)
    email = models.EmailField("メールアドレス")
    phone = models.CharField("電話番号", max_length=40, blank=True)
    is_joint_venture = models.BooleanField("共同企業体", default=False)
    active = models.BooleanField("登録中", default=True)
    edit_number = models.PositiveIntegerField(default=0)
    members: Any = models.ManyToManyField(
        "self", through="contracts.JvMember", through_fields=("joint_venture", "member"), symmetrical=False
    )

    class Meta(TenantModel.Meta):
        verbose_name = "事業者"
        verbose_name_plural = "事業者"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name", "branch", "address"], name="one_entry_per_contractor"),
            models.UniqueConstraint(
                fields=["tenant", "registration_number"],
                condition=~Q(registration_number=""),
                name="one_contractor_per_registration",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "name_key", "id"], name="contractor_by_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Name the firm with the branch that contracts for it (委任先の支店名等を含む, R56)."""
        return f"{self.name}　{self.branch}" if self.branch else self.name

    @property
    def signer_title(self) -> str:
        return self.agent_title if self.agent_name else self.representative_title

    @property
    def signer_name(self) -> str:
        """Name who contracts for the firm: the delegated agent (受任者) where one is registered."""
        return self.agent_name or self.representative_name


class JvMember(TenantModel):
    """A member's place in a joint venture (共同企業体)."""

    joint_venture = models.ForeignKey(Contractor, on_delete=models.CASCADE, related_name="places")
    member = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField("順番")
    is_representative = models.BooleanField("代表構成員", default=False)

    class Meta(TenantModel.Meta):
        verbose_name = "共同企業体の構成員"
        verbose_name_plural = "共同企業体の構成員"
        ordering: ClassVar = ["joint_venture", "order"]
        constraints = [
            models.UniqueConstraint(fields=["joint_venture", "order"], name="one_member_per_place"),
            models.UniqueConstraint(fields=["joint_venture", "member"], name="one_place_per_member"),
            models.UniqueConstraint(
                fields=["joint_venture"], condition=Q(is_representative=True), name="one_representative_member"
            ),
            models.CheckConstraint(condition=~Q(member=F("joint_venture")), name="no_venture_in_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.member}"


class Basis(models.TextChoices):
    REPRESENTATIVE = "representative", "代表者"
    AGENT = "agent", "受任者"


class Authority(TenantModel):
    """Who may sign for a firm, with the days of the term (契約締結権限者, R3): the last day counts."""

    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="authorities")
    basis = models.CharField("権限", max_length=20, choices=Basis)
    title = models.CharField("役職", max_length=100)
    name = models.CharField("氏名", max_length=100)
    name_kana = models.CharField("氏名のフリガナ", max_length=100, blank=True)
    email = models.EmailField("メールアドレス")
    starts_date = models.DateField("就任日", null=True, blank=True)
    ends_date = models.DateField("任期の末日", null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "契約締結権限者"
        verbose_name_plural = "契約締結権限者"
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_date__isnull=True) | Q(ends_date__isnull=True) | Q(ends_date__gte=F("starts_date")),
                name="authority_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.name}"

    def holds_on(self, day: date) -> bool:
        """Tell whether the person may sign on a day (JST)."""
        return (self.starts_date is None or self.starts_date <= day) and (
            self.ends_date is None or day <= self.ends_date
        )
