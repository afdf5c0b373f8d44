"""The ladder of keys: master → city → file (envelope encryption with Tink)."""

from functools import lru_cache

import tink
from django.db import connection
from django.db.transaction import TransactionManagementError
from tink import aead, streaming_aead

from vault import keysets, masters
from vault.errors import Damaged
from vault.models import InstallationKey, KeyVersion, TenantKey

streaming_aead.register()

CITY = aead.aead_key_templates.AES256_GCM
FILE = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
INSTALLATION = b"installation"


@lru_cache(maxsize=4096)
def _primitive(wrapped: bytes, label: bytes, _master: str) -> aead.Aead:
    return keysets.unwrap(wrapped, masters.master(), label).primitive(aead.Aead)


def _new_keyset(label: bytes) -> bytes:
    return keysets.wrap(tink.new_keyset_handle(CITY), masters.master(), label)


def city_label(tenant_id: int) -> bytes:
    return str(tenant_id).encode()


def city(tenant_id: int) -> aead.Aead:
    """Return the city's key to read with; raise Damaged where there is none or no master key opens it."""
    row = newest(tenant_id)
    if row is None:
        raise Damaged("この自治体の暗号鍵がありません。")
    return _opened(row, city_label(tenant_id))


# 封印と締結のたびに何度も尋ねる。文を組み立てる手間が、尋ねる手間の数倍あるので、書いておく
NEWEST = "select * from vault_tenantkey where tenant_id = %s order by version desc limit 1"
# 書く人は、使う版を、取引の終わりまで退かせない（rotating.retire）
NEWEST_HELD = f"{NEWEST} for key share"


def newest(tenant_id: int, *, question: str = NEWEST) -> TenantKey | None:
    """Return the version of a city's key that is in use."""
    return next(iter(TenantKey.objects.raw(question, [tenant_id])), None)


def _opened(row: KeyVersion, label: bytes) -> aead.Aead:
    try:
        return _primitive(bytes(row.wrapped_keyset), label, masters.settled())
    except tink.TinkError as error:
        raise Damaged("暗号鍵を親鍵で開けません。") from error


def city_made_if_new(tenant_id: int) -> aead.Aead:
    """Return the city's key to write with, in a transaction, to whose end the version stays; made on first use.

    A rival maker waits for the unique index and takes ours.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("暗号化は、それを残す取引の中で行います。")
    # 待つ間に版が退けば、その行は見つからない。もう一度尋ねれば、次の版がある
    row = newest(tenant_id, question=NEWEST_HELD) or newest(tenant_id, question=NEWEST_HELD)
    if row is None:
        made = {"wrapped_keyset": _new_keyset(city_label(tenant_id))}
        row, _ = TenantKey.objects.get_or_create(tenant_id=tenant_id, version=1, defaults=made)
    return _opened(row, city_label(tenant_id))


def installation() -> aead.Aead:
    """Return the key for what belongs to no city, made on first use."""
    row = newest_of_installation()
    if row is None:
        made = {"wrapped_keyset": _new_keyset(INSTALLATION)}
        row, _ = InstallationKey.objects.get_or_create(version=1, defaults=made)
    return _opened(row, INSTALLATION)


def newest_of_installation() -> InstallationKey | None:
    """Return the version of the installation's own key that is in use."""
    return InstallationKey.objects.order_by("-version").first()


def new_file_key(by: aead.Aead, *, tenant_id: int, sha256: str) -> bytes:
    """Make a data key for one file, wrapped by the city's key."""
    return keysets.wrap(tink.new_keyset_handle(FILE), by, file_label(tenant_id, sha256))


def file_cipher(wrapped: bytes, by: aead.Aead, *, tenant_id: int, sha256: str) -> streaming_aead.StreamingAead:
    """Unwrap a file's data key with its city's; tink.TinkError if it belongs to another city or file."""
    return keysets.unwrap(wrapped, by, file_label(tenant_id, sha256)).primitive(streaming_aead.StreamingAead)


def file_label(tenant_id: int, sha256: str) -> bytes:
    return f"{tenant_id}|{sha256}".encode()
