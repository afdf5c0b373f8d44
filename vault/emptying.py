"""Give up all that a city ever kept: its keys first, by which everything is unreadable, and then what lies about."""

from datetime import datetime

from django.core.files.storage import storages
from django.db.models import Sum

from vault import rewrapping, versions
from vault.models import StoredFile

BATCH = 1_000


def destroy_keys(tenant_id: int) -> int:
    """Destroy every version of a city's key, in a transaction that sees the city; tell how many there were."""
    rows = list(versions.of_city(tenant_id).select_for_update())
    versions.destroy(rows)
    return len(rows)


def kept(tenant_id: int) -> tuple[int, int]:
    """Count the files of a city that open, and their bytes."""
    rows = StoredFile.objects.filter(tenant_id=tenant_id, destroyed_at__isnull=True)
    return rows.count(), rows.aggregate(size=Sum("size"))["size"] or 0


def sealed(tenant_id: int) -> dict[str, int]:
    """Count the sealed values of a city, by column."""
    counted = {}
    for place in rewrapping.sealed_places():
        rows = place.column.model._base_manager.filter(tenant_id=tenant_id)  # noqa: SLF001 - 公に文書化している名
        filled = rows.exclude(**{f"{place.column.name}__isnull": True}).exclude(**{place.column.name: b""})
        counted[str(place)] = filled.count()
    return {name: count for name, count in counted.items() if count}


def destroy_some(tenant_id: int, *, at: datetime) -> int:
    """Throw away the data keys of the next files of the city in view; 0 when none is left."""
    rows = StoredFile.objects.filter(tenant_id=tenant_id, destroyed_at__isnull=True).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[:BATCH])
    return StoredFile.objects.filter(pk__in=found).update(wrapped_key=b"", destroyed_at=at)


def sweep(tenant_id: int, first_byte: int) -> int:
    """Remove the ciphertexts under one first byte of their SHA-256, strays among them; tell how many there were."""
    storage, folder = storages["vault"], f"{tenant_id}/{first_byte:02x}"
    try:
        _folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return 0
    for name in names:
        storage.delete(f"{folder}/{name}")
    return len(names)
