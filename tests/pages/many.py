"""Thousands of rows for pages to be asked about, made from the rows of the scene by the database itself.

Every row of the municipality is copied together with what it points at: the n-th copy of a contract has the n-th copy
of its case, its versions and its signers. Nothing is committed, so no deferred constraint ever looks at them.
"""

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
    for model in apps.get_models():
        if issubclass(model, TenantModel) and model._meta.label not in ALONE and model._meta.managed:
            written += _copy(model, tenant_id, first, last)
    return written


def _copy(model: type[models.Model], tenant_id: int, first: int, last: int) -> int:
    fields = [each for each in model._meta.concrete_fields if not isinstance(each, models.GeneratedField)]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(_value(each) for each in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'insert into "{model._meta.db_table}" ({columns})'
            f' select {values} from "{model._meta.db_table}" t, generate_series(%s::bigint, %s::bigint) n'
            f' where t.tenant_id = %s and t."{model._meta.pk.column}" < {STRIDE} on conflict do nothing',
            [first, last, tenant_id],
        )
        return int(cursor.rowcount)


def _value(field: Any) -> str:
    name = f't."{field.column}"'
    if field.primary_key and not field.is_relation:
        return f"{name} + n * {STRIDE}"
    if field.is_relation:
        own = issubclass(field.related_model, TenantModel) and field.related_model._meta.label not in ALONE
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
