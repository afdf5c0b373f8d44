"""Short secrets in columns: sealed for one city and one place."""

from typing import Protocol

from tink import TinkError

from vault import keys
from vault.errors import Damaged

__all__ = ["Damaged", "Sealer", "seal", "sealer", "unseal"]


class Sealer(Protocol):
    """Seal a text for the city that it was made for, in a context."""

    def __call__(self, text: str, *, context: str) -> bytes: ...


def seal(text: str, *, tenant_id: int, context: str) -> bytes:
    """Encrypt a text so that it opens only for this city and in this context ("delivery:…")."""
    return sealer(tenant_id)(text, context=context)


def sealer(tenant_id: int) -> Sealer:
    """Read a city's key once, and make the function that seals many texts with it."""
    key = keys.city_made_if_new(tenant_id)

    def seal_here(text: str, *, context: str) -> bytes:
        sealed: bytes = key.encrypt(text.encode(), _label(tenant_id, context))
        return sealed

    return seal_here


def unseal(sealed: bytes | memoryview, *, tenant_id: int, context: str) -> str:
    """Decrypt a sealed text; raise Damaged if it was altered or belongs elsewhere."""
    try:
        opened: bytes = keys.city(tenant_id).decrypt(bytes(sealed), _label(tenant_id, context))
    except TinkError as error:
        raise Damaged("暗号化された項目を復号できませんでした。") from error
    return opened.decode()


def _label(tenant_id: int, context: str) -> bytes:
    return f"field|{tenant_id}|{context}".encode()


def seal_for_installation(text: str, *, context: str) -> bytes:
    """Encrypt a text that belongs to no city, such as a person's authenticator secret, with the master keyset."""
    sealed: bytes = keys.master().encrypt(text.encode(), f"installation|{context}".encode())
    return sealed


def unseal_for_installation(sealed: bytes, *, context: str) -> str:
    """Decrypt what seal_for_installation made; raise Damaged if it was altered or belongs elsewhere."""
    try:
        opened: bytes = keys.master().decrypt(sealed, f"installation|{context}".encode())
    except TinkError as error:
        raise Damaged("暗号化された項目を復号できませんでした。") from error
    return opened.decode()
