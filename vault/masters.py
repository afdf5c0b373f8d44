"""What stands at the top of the ladder: the key that wraps city keysets, local or in a key management service.

Several may open at once, so that one can take over from the other; exactly one wraps.
"""

import base64
from functools import lru_cache
from typing import Protocol

import tink
from django.conf import settings
from tink import aead, json_proto_keyset_format, secret_key_access

from vault import keysets, kms

aead.register()

TEMPLATE = aead.aead_key_templates.AES256_GCM


class Master(aead.Aead):  # type: ignore[misc]
    """Wrap with the first of several ways, open with the one that a wrapping names."""

    def __init__(self, ways: "list[Way]") -> None:
        self._ways = ways

    @property
    def name(self) -> str:
        """Name the key that wraps now."""
        return self._ways[0].wraps_as

    def names(self) -> list[str]:
        """Name every key that opens."""
        return [name for way in self._ways for name in way.names]

    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes:
        return self._ways[0].wrap(plaintext, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        for way in self._ways:
            if way.name_of(ciphertext):
                return way.open(ciphertext, associated_data)
        raise tink.TinkError("no master key of ours wrapped this")

    def name_of(self, ciphertext: bytes) -> str:
        """Name the key of ours that wrapped something; empty when none did."""
        return next(filter(None, (way.name_of(ciphertext) for way in self._ways)), "")


class Way(Protocol):
    """One place where master keys are: in the environment, or in a service."""

    @property
    def wraps_as(self) -> str: ...
    @property
    def names(self) -> list[str]: ...
    def wrap(self, plaintext: bytes, label: bytes) -> bytes: ...
    def open(self, ciphertext: bytes, label: bytes) -> bytes: ...
    def name_of(self, ciphertext: bytes) -> str: ...


class Local:
    """A Tink keyset out of the environment: its primary key wraps, all of its keys open."""

    def __init__(self, encoded: str) -> None:
        handle = _handle(encoded)
        self._key = handle.primitive(aead.Aead)
        self._names = {keysets.prefix(number): f"local:{number}" for number in keysets.numbers(handle)}
        self.wraps_as = f"local:{keysets.primary(handle)}"

    @property
    def names(self) -> list[str]:
        return sorted(self._names.values())

    def wrap(self, plaintext: bytes, label: bytes) -> bytes:
        sealed: bytes = self._key.encrypt(plaintext, label)
        return sealed

    def open(self, ciphertext: bytes, label: bytes) -> bytes:
        opened: bytes = self._key.decrypt(ciphertext, label)
        return opened

    def name_of(self, ciphertext: bytes) -> str:
        return self._names.get(ciphertext[: keysets.PREFIX], "")


@lru_cache(maxsize=4)
def _local(encoded: str) -> Local:
    return Local(encoded)


def master() -> Master:
    """Return the master key that wraps now, with those that still open; ValueError where the one to wrap is not set."""
    service = kms.kms()
    ways: dict[str, Way] = {"kms": service} if service else {}
    if settings.VAULT_MASTER_KEYSET or not ways:
        ways["local"] = _local(settings.VAULT_MASTER_KEYSET)
    if settings.VAULT_MASTER not in ways:
        raise ValueError(f"VAULT_MASTER is {settings.VAULT_MASTER!r}, but no such master key is set")
    return Master(sorted(ways.values(), key=lambda way: way is not ways[settings.VAULT_MASTER]))


def settled() -> str:
    """Tell the settings that decide which master keys there are: what one of them opened, another may not."""
    service = (settings.VAULT_MASTER, *settings.VAULT_KMS_KEY, settings.VAULT_KMS["endpoint_url"] or "")
    return "|".join((settings.VAULT_MASTER_KEYSET, *service))


def new_keyset() -> str:
    """Make a value for VAULT_MASTER_KEYSET: a Tink JSON keyset in base64."""
    return _encoded(tink.new_keyset_handle(TEMPLATE))


def with_a_new_key(encoded: str) -> str:
    """Return the value with one more key, which wraps from now on; the keys before still open."""
    return _encoded(keysets.extended(_handle(encoded), TEMPLATE))


def with_its_newest_key(encoded: str) -> str:
    """Return the value with the key that wraps, and no other."""
    return _encoded(keysets.reduced(_handle(encoded)))


def _encoded(handle: tink.KeysetHandle) -> str:
    text: str = json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
    return base64.b64encode(text.encode()).decode()


def _handle(encoded: str) -> tink.KeysetHandle:
    return json_proto_keyset_format.parse(base64.b64decode(encoded).decode(), secret_key_access.TOKEN)
