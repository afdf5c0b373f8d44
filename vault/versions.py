"""The versions of a key: a new one takes over, the old ones are retired when nothing is under them.

Everything here runs in a transaction that sees the rows it is about.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from tink import KeysetHandle, TinkError

from vault import keys, keysets, masters
from vault.errors import Damaged
from vault.models import InstallationKey, KeyVersion, TenantKey


def of_city(tenant_id: int) -> "QuerySet[Any]":
    """Name the versions of a city's key, the newest last."""
    return TenantKey.objects.filter(tenant_id=tenant_id).order_by("version")


def of_installation() -> "QuerySet[Any]":
    """Name the versions of the key for what belongs to no city, the newest last."""
    return InstallationKey.objects.order_by("version")


def number_in_use(row: KeyVersion) -> int:
    """Give the number of the key that a version encrypts with; Damaged if no master key opens it."""
    return keysets.primary(_handle(row))


def begin(versions: "QuerySet[Any]") -> Any:
    """Make the next version of a key; it opens what the versions before encrypted, too.

    Whoever comes second, to rows that a rotation has begun on meanwhile, is given that one's version.
    """
    locked = versions.select_for_update(no_key=True).latest("version")
    newest = versions.latest("version")
    if newest.version != locked.version:
        return newest
    wrapped = _wrapped(keysets.extended(_handle(newest), keys.CITY), newest)
    next_one = type(newest)(version=newest.version + 1, wrapped_keyset=wrapped)
    if isinstance(newest, TenantKey):
        next_one.tenant_id = newest.tenant_id
    next_one.save(force_insert=True)
    return next_one


def held(versions: "QuerySet[Any]") -> list[Any]:
    """Lock every version of a key but the newest against those who write with it; empty while any of them is in use.

    Who writes with the newest is in nobody's way: it stays.
    """
    newest = versions.select_for_update(no_key=True, skip_locked=True).latest("version")
    older = list(versions.filter(version__lt=newest.version).select_for_update(skip_locked=True))
    rows = [*older, newest]
    return rows if len(rows) == versions.count() else []


def retire(rows: Sequence[Any]) -> None:
    """Destroy the older of some locked versions, and take their keys out of the newest one's keyset."""
    *older, newest = rows
    newest.wrapped_keyset = _wrapped(keysets.reduced(_handle(newest)), newest)
    newest.save(update_fields=["wrapped_keyset"])
    destroy(older)


def destroy(rows: Iterable[Any]) -> None:
    """Overwrite some versions and delete them."""
    for row in rows:
        row.wrapped_keyset = b"\0" * len(row.wrapped_keyset)
        row.save(update_fields=["wrapped_keyset"])
        row.delete()


def follow_master(versions: "QuerySet[Any]") -> int:
    """Wrap the versions that another master key has wrapped with the one in use; tell how many.

    Damaged if none of ours opens one.
    """
    master = masters.master()
    others = [row for row in versions.select_for_update(no_key=True) if wrapped_by(row) != master.name]
    for row in others:
        row.wrapped_keyset = _wrapped(_handle(row), row)
        row.save(update_fields=["wrapped_keyset"])
    return len(others)


def wrapped_by(row: KeyVersion) -> str:
    """Name the master key that wrapped a version; empty when it is none of ours."""
    return masters.master().name_of(keysets.inside(bytes(row.wrapped_keyset)))


def _handle(row: KeyVersion) -> KeysetHandle:
    try:
        return keysets.unwrap(bytes(row.wrapped_keyset), masters.master(), _label(row))
    except TinkError as error:
        raise Damaged("暗号鍵を親鍵で開けません。") from error


def _wrapped(handle: KeysetHandle, row: KeyVersion) -> bytes:
    return keysets.wrap(handle, masters.master(), _label(row))


def _label(row: KeyVersion) -> bytes:
    return keys.city_label(row.tenant_id) if isinstance(row, TenantKey) else keys.INSTALLATION
