import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages

from accounts.tenancy import acting_for
from vault import masters


@pytest.fixture(autouse=True)
def vault_root(settings, tmp_path: Path) -> Path:
    settings.VAULT_MASTER_KEYSET = masters.new_keyset()
    backend = {
        "BACKEND": "vault.storage.DurableFileSystemStorage",
        "OPTIONS": {"location": tmp_path, "allow_overwrite": True},
    }
    settings.STORAGES = settings.STORAGES | {"vault": backend}
    assert storages["vault"].base_location == tmp_path
    return tmp_path


@pytest.fixture
def tenant_id() -> int:
    """A number no other test uses: rows committed by threads stay behind."""
    return secrets.randbelow(2**40) + 10**6


@pytest.fixture
def in_city(db, tenant_id: int) -> Iterator[int]:
    with acting_for(tenant_id):
        yield tenant_id
