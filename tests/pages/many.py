"""Thousands of rows for pages to be asked about, made from the rows of the scene by the database itself.

Every row of the municipality is copied together with what it points at: the n-th copy of a contract has the n-th copy
of its case, its versions and its signers. Nothing is committed, so no deferred constraint ever looks at them.
"""

from collections.abc import Iterator, Set
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.querysets import TenantModel

STRIDE = 10_000_000  # 写しの番号の間。もとの行の番号より大きい
# 団体に一つだけの行と、鎖をなす記録。増えようがない
ALONE = {"accounts.Membership", "contracts.RuleSet"}


def multiply(tenant_id: int, *, first: int, last: int) -> int:
    """Copy every row of a municipality under the numbers first to last; return how many rows were written."""
    written = 0
    with connection.cursor() as cursor:
        for statement, values in statements(tenant_id, first=first, last=last):
            cursor.execute(statement, values)
            written += int(cursor.rowcount)
    return written


def statements(tenant_id: int, *, first: int, last: int, alone: Set[str] = ALONE) -> Iterator[tuple[str, list[int]]]:
    """Write the copying as SQL, a statement for each table; of the tables `alone` no row is copied."""
    for model in _pointed_at_first():
        if model._meta.label not in alone and model._meta.managed:
            yield _copying(model, alone), [first, last, tenant_id]


def _pointed_at_first() -> Iterator[type[models.Model]]:
    """List the models so that each stands behind those it points at: no row may point at what is not there."""
    left = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    while left:
        ready = [model for model in left if not _points_at(model) & set(left)]
        # 互いを指す二つ（申込みと証書）は、空けられる方から
        ready = ready or [next(model for model in left if not _points_at(model, must=True) & set(left))]
        yield from ready
        left = [model for model in left if model not in ready]


def _points_at(model: type[models.Model], *, must: bool = False) -> set[Any]:
    fields = [field for field in model._meta.concrete_fields if field.is_relation and not (must and field.null)]
    return {field.related_model for field in fields} - {model}


def _copying(model: type[models.Model], alone: Set[str]) -> str:
    fields = [each for each in model._meta.concrete_fields if not isinstance(each, models.GeneratedField)]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(_value(each, alone) for each in fields)
    return (
        f'insert into "{model._meta.db_table}" ({columns})'
        f' select {values} from "{model._meta.db_table}" t, generate_series(%s::bigint, %s::bigint) n'
        f' where t.tenant_id = %s and t."{model._meta.pk.column}" < {STRIDE}'
        f' order by n, t."{model._meta.pk.column}" on conflict do nothing'
    )


def _value(field: Any, alone: Set[str]) -> str:
    name = f't."{field.column}"'
    if field.primary_key and not field.is_relation:
        return f"{name} + n * {STRIDE}"
    if field.is_relation:
        own = issubclass(field.related_model, TenantModel) and field.related_model._meta.label not in alone
        return f"{name} + n * {STRIDE}" if own else name
    return _unlike(field, name) if field.unique or _with_tenant(field) else name


def _with_tenant(field: Any) -> bool:
    """Say whether the value has to be unlike its neighbours' within the municipality."""
    together = [set(each) for each in field.model._meta.unique_together]
    together += [
        set(each.fields) for each in field.model._meta.constraints if isinstance(each, models.UniqueConstraint)
    ]
    return any(field.name in each for each in together)


def _unlike(field: Any, name: str) -> str:
    if isinstance(field, models.BinaryField):
        return f"{name} || int8send(n)"
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        # 「consent:16」のように、ほかの行の番号を言う値は、その行の写しの番号を言う
        number = f"split_part({name}, ':', 1) || ':' || (split_part({name}, ':', 2)::bigint + n * {STRIDE})"
        other = f"left(n || '-' || {name}, {field.max_length or 10_000})"
        return f"case when {name} = '' then '' when {name} ~ '^[a-z]+:[0-9]+$' then {number} else {other} end"
    return name
