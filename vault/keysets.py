"""Tink keysets from outside: which keys are in them, which one they use, and which one made a ciphertext."""

import json
from typing import Any

import tink
from tink import aead, json_proto_keyset_format, proto_keyset_format, secret_key_access

# Tink の暗号文は、鍵の番号を名乗って始まる（0x01 と、番号の四バイト）
PREFIX = 5
# 包まれた鍵束（EncryptedKeyset）の中の暗号文は、項の見出し（一バイト）と長さ（二バイト）の後に始まる
WRAPPED_AT = 3


def prefix(number: int) -> bytes:
    """Give the bytes with which every ciphertext of a key begins."""
    return b"\x01" + number.to_bytes(4, "big")


def numbers(handle: tink.KeysetHandle) -> list[int]:
    """List the numbers of the keys in a keyset."""
    return [key.key_id for key in handle.keyset_info().key_info]


def primary(handle: tink.KeysetHandle) -> int:
    """Give the number of the key that a keyset encrypts with."""
    number: int = handle.keyset_info().primary_key_id
    return number


def extended(handle: tink.KeysetHandle, template: object) -> tink.KeysetHandle:
    """Return the keyset with one new key, which encrypts from now on."""
    new = tink.new_keyset_handle(template)
    while primary(new) in numbers(handle):
        new = tink.new_keyset_handle(template)
    text = _json(handle)
    fresh = _json(new)
    return _parsed({"primaryKeyId": fresh["primaryKeyId"], "key": [*text["key"], *fresh["key"]]})


def reduced(handle: tink.KeysetHandle) -> tink.KeysetHandle:
    """Return the keyset with the key it encrypts with, and no other."""
    text = _json(handle)
    kept = [key for key in text["key"] if key["keyId"] == text["primaryKeyId"]]
    return _parsed({"primaryKeyId": text["primaryKeyId"], "key": kept})


def wrap(handle: tink.KeysetHandle, by: aead.Aead, label: bytes) -> bytes:
    """Encrypt a keyset under another key, bound to a label."""
    wrapped: bytes = proto_keyset_format.serialize_encrypted(handle, by, label)
    return wrapped


def unwrap(wrapped: bytes, by: aead.Aead, label: bytes) -> tink.KeysetHandle:
    """Decrypt a keyset; tink.TinkError if it was wrapped by another key or under another label."""
    return proto_keyset_format.parse_encrypted(wrapped, by, label)


def inside(wrapped: bytes) -> bytes:
    """Return the ciphertext in a wrapped keyset, past the field that holds it."""
    if wrapped[:1] != b"\x12" or not wrapped[1] & 0x80 or wrapped[2] & 0x80:
        raise tink.TinkError("not a wrapped keyset of ours")
    return wrapped[WRAPPED_AT : WRAPPED_AT + (wrapped[1] & 0x7F | wrapped[2] << 7)]


def _json(handle: tink.KeysetHandle) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
    return parsed


def _parsed(keyset: dict[str, Any]) -> tink.KeysetHandle:
    return json_proto_keyset_format.parse(json.dumps(keyset), secret_key_access.TOKEN)
