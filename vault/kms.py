"""A master key in a key management service (the AWS KMS protocol): city keysets are wrapped there, data keys never go.

What it wraps begins with a mark and the key's own, so that a wrapping names who can open it.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import boto3
import tink
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

MARK = b"\x02kms"
MARKED = len(MARK) + 8
PATIENCE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
# 鍵が違うか、包みが書き換えられている。ほかは、サービスが答えられないこと
WRONG = ("InvalidCiphertextException", "IncorrectKeyException")


class Unavailable(Exception):
    """Say that the service does not answer, or not to us: nothing is wrong with what it wrapped."""


class Kms:
    """The first of some keys wraps, all of them open; each wrapping is bound to its label."""

    def __init__(self, keys: Sequence[str], place: dict[str, str | None]) -> None:
        self._ours = {_mark(key): key for key in keys}
        self._first = keys[0]
        self._client: Any = boto3.client("kms", config=PATIENCE, **place)
        self.wraps_as = f"kms:{keys[0]}"

    @property
    def names(self) -> list[str]:
        return [f"kms:{key}" for key in self._ours.values()]

    def wrap(self, plaintext: bytes, label: bytes) -> bytes:
        said = self._ask("encrypt", self._first, label, Plaintext=plaintext)
        return _mark(self._first) + bytes(said["CiphertextBlob"])

    def open(self, ciphertext: bytes, label: bytes) -> bytes:
        said = self._ask("decrypt", self._ours[ciphertext[:MARKED]], label, CiphertextBlob=ciphertext[MARKED:])
        return bytes(said["Plaintext"])

    def name_of(self, ciphertext: bytes) -> str:
        key = self._ours.get(ciphertext[:MARKED])
        return f"kms:{key}" if key else ""

    def _ask(self, what: str, key: str, label: bytes, **given: bytes) -> Any:
        # 鍵を名指す。任せると、よその鍵で包んだものを、こちらの鍵として開かされる
        context = {"musubi": label.decode()}
        try:
            return getattr(self._client, what)(KeyId=key, EncryptionContext=context, **given)
        except ClientError as error:
            if error.response["Error"]["Code"] in WRONG:
                raise tink.TinkError("the service does not open this") from error
            raise Unavailable("鍵の管理サービス（KMS）が断りました。権限と鍵の状態を確かめてください。") from error
        except BotoCoreError as error:
            raise Unavailable("鍵の管理サービス（KMS）に届きません。数分後に、もう一度お試しください。") from error


def _mark(key: str) -> bytes:
    return MARK + hashlib.sha256(key.encode()).digest()[: MARKED - len(MARK)]


def kms() -> Kms | None:
    """Return the service of the settings; None where none is set."""
    keys = tuple(settings.VAULT_KMS_KEY)
    return _connected(keys, tuple(settings.VAULT_KMS.items())) if keys else None


@lru_cache(maxsize=4)
def _connected(keys: tuple[str, ...], place: tuple[tuple[str, str | None], ...]) -> Kms:
    return Kms(keys, dict(place))
