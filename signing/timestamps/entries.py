"""使う時刻認証局の一覧: 宛先と、その局について設定で固定するもの。"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HASHES = {"sha256": 32, "sha512": 64}
ACCREDITED = "（総務大臣認定）"


@dataclass(frozen=True)
class Entry:
    """One authority: `certificates` and `issuers` are SHA-256 fingerprints of which one must match, when given."""

    url: str
    name: str = ""
    policy: str | None = None
    certificates: frozenset[bytes] = frozenset()
    issuers: frozenset[bytes] = frozenset()
    hash: str = "sha256"
    accredited: bool = False

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).hostname:
            raise ValueError("url には http か https の宛先を書いてください。")
        if self.hash not in HASHES:
            raise ValueError(f"hash は {' か '.join(HASHES)} です（{self.hash}）。")
        if self.policy is not None and not re.fullmatch(r"[0-2](\.\d+)+", self.policy):
            raise ValueError(f"policy は OID です（{self.policy}）。")

    @property
    def label(self) -> str:
        """Return the name to tell people which authority failed; never the address, which may hold a password."""
        return self.name or str(urlsplit(self.url).hostname)

    @property
    def digest_size(self) -> int:
        """Return the length of its imprints in bytes."""
        return HASHES[self.hash]

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Entry":
        """Read one table of the list; raises ValueError that names what is wrong."""
        kinds = {"url": str, "name": str, "policy": str, "hash": str, "accredited": bool}
        pins = ("certificates", "issuers")
        for key, value in written.items():
            if key not in pins and not (key in kinds and isinstance(value, kinds[key])):
                raise ValueError(f"{key} を読み取れません。")
        if "url" not in written:
            raise ValueError("url がありません。")
        return cls(**{**written, **{pin: _fingerprints(pin, written.get(pin, [])) for pin in pins}})


def read_entries(path: Path) -> list[Entry]:
    """Read a TOML list of `[[tsa]]` tables in their order; raises ValueError in Japanese."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return [Entry.of(each) for each in _tables(written)]
    except (OSError, ValueError) as error:
        raise ValueError(f"時刻認証局の一覧 {path} を読めません: {error}") from error


def _tables(written: dict[str, Any]) -> list[dict[str, Any]]:
    tables = written.get("tsa")
    if set(written) != {"tsa"} or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ValueError("[[tsa]] の表だけを並べてください。")
    return tables


def _fingerprints(key: str, written: object) -> frozenset[bytes]:
    try:
        found = frozenset(bytes.fromhex(each.replace(":", "")) for each in written)  # type: ignore[attr-defined]
    except (TypeError, ValueError, AttributeError):
        found = frozenset({b""})
    if isinstance(written, str) or any(len(each) != 32 for each in found):
        raise ValueError(f"{key} には SHA-256 の指紋を十六進で並べてください。")
    return found
