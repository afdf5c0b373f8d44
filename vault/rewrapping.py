"""Move what a city's older keys encrypted to its newest one: data keys and sealed columns, never the files themselves.

Everything here runs in a transaction that sees the city. A batch never waits for a row that somebody else holds: what
it skips is found again by the next look.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field
from tink import TinkError
from tink.aead import Aead

from vault import fields, keys, keysets
from vault.columns import SealedField
from vault.models import StoredFile

LEFT = """
    select id from {table} where tenant_id = %s and {column} is not null and {column} <> ''::bytea
        and substring({column} from {begins} for {length}) <> %s
"""
HELD = "select * from {table} where tenant_id = %s and id = any(%s) for no key update skip locked"
WRITTEN = """
    update {table} t set {column} = new.value
    from unnest(%s::bigint[], %s::bytea[]) as new(id, value) where t.tenant_id = %s and t.id = new.id
"""


@dataclass(frozen=True)
class Place:
    """A column whose values a city's key encrypted; its ciphertext begins at that byte, counted from one."""

    column: "Field[Any, Any]"
    begins: int
    renewed: Callable[[Any, Aead], bytes]

    def __str__(self) -> str:
        return f"{self._table}.{self.column.column}"

    def sql(self, statement: str) -> str:
        """Write this place's names into a statement."""
        names = {"table": self._table, "column": self.column.column}
        return statement.format(**names, begins=self.begins, length=keysets.PREFIX)

    def locked(self, tenant_id: int, pks: Sequence[int]) -> Iterable[Any]:
        """Lock those of the rows that nobody else holds."""
        rows = self.column.model._base_manager  # noqa: SLF001 - Django が公に文書化している名
        return rows.raw(self.sql(HELD), [tenant_id, list(pks)])

    @property
    def _table(self) -> str:
        table: str = self.column.model._meta.db_table  # noqa: SLF001 - Django が公に文書化している名
        return table


@dataclass(frozen=True)
class Batch:
    """How many values were moved, and the rows whose value opens with no key of the city."""

    moved: int
    broken: list[str]


def places() -> list[Place]:
    """List every column that holds something a city's key encrypted."""
    wrapped_key = StoredFile._meta.get_field("wrapped_key")  # noqa: SLF001
    return [Place(wrapped_key, keysets.WRAPPED_AT + 1, _rewrapped), *sealed_places()]


def sealed_places() -> list[Place]:
    """List every column of sealed texts."""
    columns = [each for model in apps.get_models() for each in model._meta.concrete_fields]  # noqa: SLF001
    return [Place(each, 1, _resealing(each)) for each in columns if isinstance(each, SealedField)]


def left(place: Place, tenant_id: int, in_use: int) -> list[int]:
    """List the rows of a city whose value is not under the key of that number."""
    with connection.cursor() as cursor:
        cursor.execute(place.sql(LEFT), [tenant_id, keysets.prefix(in_use)])
        return [pk for (pk,) in cursor.fetchall()]


def move(place: Place, tenant_id: int, pks: Sequence[int]) -> Batch:
    """Encrypt the values of some rows with the city's newest key; rows that are in use are skipped."""
    by = keys.city_made_if_new(tenant_id)
    renewed: dict[int, bytes] = {}
    broken = []
    for row in place.locked(tenant_id, pks):
        if not getattr(row, place.column.name):
            continue
        try:
            renewed[row.pk] = place.renewed(row, by)
        except TinkError:
            broken.append(f"{place} {row.pk}")
    with connection.cursor() as cursor:
        cursor.execute(place.sql(WRITTEN), [list(renewed), list(renewed.values()), tenant_id])
    return Batch(len(renewed), broken)


def _rewrapped(row: StoredFile, by: Aead) -> bytes:
    label = keys.file_label(row.tenant_id, row.sha256)
    return keysets.wrap(keysets.unwrap(bytes(row.wrapped_key), by, label), by, label)


def _resealing(column: SealedField) -> Callable[[Any, Aead], bytes]:
    def resealed(row: Any, by: Aead) -> bytes:
        sealed, context = bytes(getattr(row, column.name)), getattr(row, column.context)
        return fields.reseal(sealed, by, tenant_id=row.tenant_id, context=context)

    return resealed
