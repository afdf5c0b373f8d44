"""Short secrets in columns: sealed for one city and one place."""

from typing import Protocol

from tink import TinkError
from tink.aead import Aead

from vault import keys, masters
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


def reseal(sealed: bytes, by: Aead, *, tenant_id: int, context: str) -> bytes:
    """Seal a text anew with the key that encrypts now; tink.TinkError if it does not open."""
    label = _label(tenant_id, context)
    again: bytes = by.encrypt(by.decrypt(sealed, label), label)
    return again


def seal_for_installation(text: str, *, context: str) -> bytes:
    """Encrypt a text that belongs to no city, such as a person's authenticator secret."""
    sealed: bytes = keys.installation().encrypt(text.encode(), _installation_label(context))
    return sealed


def unseal_for_installation(sealed: bytes, *, context: str) -> str:
    """Decrypt what seal_for_installation made; raise Damaged if it was altered or belongs elsewhere."""
    # 以前は、親鍵で直に封をしていた。包み直す（rotate_keys）まで、そのままでも開く
    master = masters.master()
    key: Aead = master if master.name_of(sealed) else keys.installation()
    try:
        opened: bytes = key.decrypt(sealed, _installation_label(context))
    except TinkError as error:
        raise Damaged("暗号化された項目を復号できませんでした。") from error
    return opened.decode()


def _installation_label(context: str) -> bytes:
    return f"installation|{context}".encode()
