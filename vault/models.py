from datetime import datetime
from typing import ClassVar, Self

from django.db import models


class KeyVersion(models.Model):
    """One version of a keyset that encrypts other keys and short texts, wrapped by a master key.

    The newest version is the one in use. Its keyset holds the keys of the versions before too, until everything that
    they encrypted is under its own key (`rewrapped_at`) and they are retired.
    """

    version = models.PositiveIntegerField(default=1)
    wrapped_keyset = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    rewrapped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class TenantKey(KeyVersion):
    """A version of a city's key."""

    tenant_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant_id", "version"], name="one_key_per_version"),
        ]

    def __str__(self) -> str:
        return f"鍵 {self.tenant_id} 第{self.version}版"


class InstallationKey(KeyVersion):
    """A version of the key for what belongs to no city, such as a person's authenticator secret."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version"], name="one_installation_key_per_version"),
        ]

    def __str__(self) -> str:
        return f"設備の鍵 第{self.version}版"


class StoredFile(models.Model):
    """Name the bytes a city keeps by their SHA-256; size in bytes."""

    tenant_id = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    # 鍵を壊した日時。行は、何があったかを語る記録から指されたまま残る
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at__isnull=True) & ~models.Q(wrapped_key=b"")
                | models.Q(destroyed_at__isnull=False, wrapped_key=b""),
                name="no_key_exactly_when_destroyed",
            ),
            models.UniqueConstraint(fields=["tenant_id", "sha256"], name="stored_once"),
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="sha256_is_lower_hex"),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        return f"{self.tenant_id}/{self.sha256[:2]}/{self.sha256}"


class BackupRunQuerySet(models.QuerySet["BackupRun"]):
    def last_good(self) -> Self:
        """Return the newest backup that became whole with every file, if there is one, as a queryset of one."""
        return self.filter(ended_at__isnull=False, problem="", missing=0).order_by("-began_at")[:1]


class BackupRun(models.Model):
    """One call of the backup command: how it ended, and whether it was proved by restoring it.

    It never tells of a city. What is told of the last good one to the people who watch is read here.
    """

    name = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)
    files = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    missing = models.PositiveBigIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)
    is_verified_bad = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["BackupRun"]] = models.Manager.from_queryset(BackupRunQuerySet)()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-began_at"], name="backups_newest_first")]

    def __str__(self) -> str:
        return self.name or f"{self.began_at:%Y-%m-%d %H:%M}"

    def end(self, *, at: datetime, problem: str = "", missing: int = 0) -> None:
        """Note how it ended."""
        self.ended_at, self.problem, self.missing = at, problem, missing
        self.save()
