"""Asking needs an asker: a manager that answers `visible_to(actor)` and refuses everything else."""

from typing import Any, Self, TypeVar

from django.db import models

from accounts.actors import Actor

_M = TypeVar("_M", bound=models.Model)


class AskerMissing(RuntimeError):
    """A query was made on nobody's behalf."""


class TenantQuerySet(models.QuerySet[_M]):
    """Rows of one municipality. Row security stands below; this is the door above it."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows that this person may see."""
        return self.filter(tenant_id=actor.tenant_id)


class AskedManager(models.Manager[_M]):
    """Answer `visible_to(actor)` and relations of a row already in hand; anything else is refused.

    Being the default manager, it makes `get_object_or_404(Contract, …)` and form choices fail closed.
    """

    _queryset_class: type[Any] = TenantQuerySet

    def visible_to(self, actor: Actor) -> Any:
        return self._queryset_class(self.model, using=self._db).visible_to(actor)

    def get_queryset(self) -> Any:
        if getattr(self, "instance", None) is None:
            raise AskerMissing(f"{self.model.__name__}.objects.visible_to(actor) で尋ねてください。")
        return super().get_queryset()


class TenantModel(models.Model):
    """A row that belongs to one municipality."""

    tenant = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+", editable=False)

    objects: Any = AskedManager()
    unscoped: Any = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"


def lock(row: _M, *related: str) -> _M:
    """Read a row again, locked until the transaction ends; rows that refer to it may still be added meanwhile.

    Rows it refers to are read with it, unlocked, where they are named ("contract__case").
    """
    # 鍵の列は変えない。参照する行の追加まで止めると、案件と版を逆の順に取る二人が行き詰まる。
    rows = type(row)._base_manager.select_for_update(of=("self",), no_key=True)  # noqa: SLF001 - Django が公に文書化している名
    return (rows.select_related(*related) if related else rows).get(pk=row.pk)


def lock_again(row: _M) -> _M:
    """Lock a row that this transaction has read already; what it refers to stays as it was read, if still its own.

    For rows with wide companions (a city's rules), which `lock` would have to fetch a second time.
    """
    locked = lock(row)
    for field in row._meta.concrete_fields:  # noqa: SLF001 - Django が公に文書化している名
        known = isinstance(field, models.ForeignKey) and field.is_cached(row)
        if known and getattr(locked, field.attname) == getattr(row, field.attname):
            setattr(locked, field.name, getattr(row, field.name))
    return locked
