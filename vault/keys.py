"""The ladder of keys: master → city → file (envelope encryption with Tink)."""

import base64
from functools import lru_cache

import tink
from django.conf import settings
from tink import aead, json_proto_keyset_format, proto_keyset_format, secret_key_access, streaming_aead

from vault.errors import Damaged
from vault.models import TenantKey

aead.register()
streaming_aead.register()

CITY = aead.aead_key_templates.AES256_GCM
FILE = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB


def new_master_keyset() -> str:
    """Make a value for VAULT_MASTER_KEYSET: a Tink JSON keyset in base64."""
    text: str = json_proto_keyset_format.serialize(tink.new_keyset_handle(CITY), secret_key_access.TOKEN)
    return base64.b64encode(text.encode()).decode()


@lru_cache(maxsize=2)
def _master(encoded: str) -> aead.Aead:
    text = base64.b64decode(encoded).decode()
    return json_proto_keyset_format.parse(text, secret_key_access.TOKEN).primitive(aead.Aead)


def master() -> aead.Aead:
    return _master(settings.VAULT_MASTER_KEYSET)


@lru_cache(maxsize=2048)
def _unwrap_city(wrapped: bytes, tenant_id: int, encoded_master: str) -> aead.Aead:
    handle = proto_keyset_format.parse_encrypted(wrapped, _master(encoded_master), str(tenant_id).encode())
    return handle.primitive(aead.Aead)


def _wrap(template: object, key: aead.Aead, label: bytes) -> bytes:
    wrapped: bytes = proto_keyset_format.serialize_encrypted(tink.new_keyset_handle(template), key, label)
    return wrapped


def _new_city_keyset(tenant_id: int) -> bytes:
    return _wrap(CITY, master(), str(tenant_id).encode())


def city(tenant_id: int) -> aead.Aead:
    """Return the city's key; raise Damaged where there is none or the master keyset does not open it."""
    row = _newest(tenant_id)
    if row is None:
        raise Damaged("この自治体の暗号鍵がありません。")
    return _opened(row)


# 封印と締結のたびに何度も尋ねる。文を組み立てる手間が、尋ねる手間の数倍あるので、書いておく
NEWEST = "select * from vault_tenantkey where tenant_id = %s order by version desc limit 1"


def _newest(tenant_id: int) -> TenantKey | None:
    return next(iter(TenantKey.objects.raw(NEWEST, [tenant_id])), None)


def _opened(row: TenantKey) -> aead.Aead:
    try:
        return _unwrap_city(bytes(row.wrapped_keyset), row.tenant_id, settings.VAULT_MASTER_KEYSET)
    except tink.TinkError as error:
        raise Damaged("自治体の暗号鍵を主鍵（VAULT_MASTER_KEYSET）で開けません。") from error


def city_made_if_new(tenant_id: int) -> aead.Aead:
    """Return the city's key, making it on first use; a rival maker waits for the unique index and takes ours."""
    row = _newest(tenant_id)
    if row is None:
        row, _ = TenantKey.objects.get_or_create(
            tenant_id=tenant_id, version=1, defaults={"wrapped_keyset": _new_city_keyset(tenant_id)}
        )
    return _opened(row)


def new_file_key(by: aead.Aead, *, tenant_id: int, sha256: str) -> bytes:
    """Make a data key for one file, wrapped by the city's key."""
    return _wrap(FILE, by, file_label(tenant_id, sha256))


def file_cipher(wrapped: bytes, by: aead.Aead, *, tenant_id: int, sha256: str) -> streaming_aead.StreamingAead:
    """Unwrap a file's data key with its city's; tink.TinkError if it belongs to another city or file."""
    handle = proto_keyset_format.parse_encrypted(wrapped, by, file_label(tenant_id, sha256))
    return handle.primitive(streaming_aead.StreamingAead)


def file_label(tenant_id: int, sha256: str) -> bytes:
    return f"{tenant_id}|{sha256}".encode()
