"""Whether what lies in the storage is what its rows promise."""

from datetime import datetime, timedelta

from django.core.files.storage import storages

from vault import files
from vault.models import StoredFile

YOUNG = timedelta(hours=1)


def flaw(stored: StoredFile) -> str:
    """Read all of a file and say what does not hold; empty when it is as it was stored, or destroyed on purpose."""
    try:
        size = sum(map(len, files.stream(stored)))
    except files.Destroyed:
        return ""
    except files.Damaged as damaged:
        return str(damaged)
    return "" if size == stored.size else f"大きさが記録と違います（{stored.sha256}）。"


def strays(tenant_id: int, first_byte: int, *, at: datetime) -> list[str]:
    """Name the files of a city under one first byte of their SHA-256 that no row knows: no key opens them any more.

    What is younger than an hour may belong to a transaction that is still under way.
    """
    try:
        _folders, names = storages["vault"].listdir(f"{tenant_id}/{first_byte:02x}")
    except FileNotFoundError:
        return []
    kept = {name for name in names if not name.startswith(".")}
    rows = StoredFile.objects.filter(tenant_id=tenant_id, sha256__startswith=f"{first_byte:02x}")
    unknown = sorted(kept - set(rows.values_list("sha256", flat=True)))
    return [name for name in unknown if _age(f"{tenant_id}/{first_byte:02x}/{name}", at=at) > YOUNG]


def _age(path: str, *, at: datetime) -> timedelta:
    try:
        return at - storages["vault"].get_modified_time(path)
    except FileNotFoundError:  # 並べてから見るまでの間に、片づけられた
        return timedelta(0)
