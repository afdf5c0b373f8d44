"""Other cities just like one that stands there, made of its rows by the database itself."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import Organization
from accounts.querysets import TenantModel
from tests.pages import many

# 写した市の番号と、その行の番号の始まり。手本の市の、案件を写した行（many.STRIDE の倍数）とも重ならない
APART = 1_000_000_000_000
FIRST_CITY = 5_000_000


def statements() -> Iterator[str]:
    """Write the copying of the city %(pattern)s to %(last)s others as SQL, a statement for each table."""
    yield _inserted(Organization, "t.id = %(pattern)s", slug="'town-' || n", name="'第' || n || '市'")
    for model in apps.get_models():
        if issubclass(model, TenantModel) and model._meta.managed:
            yield _inserted(model, "t.tenant_id = %(pattern)s")
    columns = "seq, at, action, actor_kind, actor_name, ip, subject, data, previous_hash, hash"
    # 綴りの番号も、写しのものにする。鎖の値は写しなので、この市の記録は確かめられない
    thread = f"regexp_replace(thread, '[0-9]+$', '') || (substring(thread from '[0-9]+$')::bigint + n * {APART})"
    yield (
        f"insert into audit_event (tenant_id, {columns}, thread) select {FIRST_CITY} + n, {columns},"
        f" case when thread ~ '[0-9]+$' then {thread} else thread end"
        " from audit_event, generate_series(1, %(last)s::bigint) n where tenant_id = %(pattern)s"
    )
    yield (
        f"insert into audit_head (tenant_id, seq, hash) select {FIRST_CITY} + n, seq, hash"
        " from audit_head, generate_series(1, %(last)s::bigint) n where tenant_id = %(pattern)s"
    )


def _inserted(model: type[models.Model], which: str, **replaced: str) -> str:
    fields = [each for each in model._meta.concrete_fields if not isinstance(each, models.GeneratedField)]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(replaced.get(each.name) or _value(each) for each in fields)
    table = model._meta.db_table
    return (
        f'insert into "{table}" ({columns}) select {values} from "{table}" t,'
        f" generate_series(1, %(last)s::bigint) n where {which} on conflict do nothing"
    )


def _value(field: Any) -> str:
    name = f't."{field.column}"'
    if field.is_relation and field.related_model is Organization:
        return f"case when {name} = %(pattern)s then {FIRST_CITY} + n else {name} end"
    if field.is_relation:
        return f"{name} + n * {APART}" if issubclass(field.related_model, TenantModel) else name
    if field.primary_key:
        return f"{FIRST_CITY} + n" if field.model is Organization else f"{name} + n * {APART}"
    return many._unlike(field, name) if field.unique else name
