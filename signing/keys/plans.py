"""鍵の設定ファイル（TOML）を読む。秘密は、別のファイルの名だけを書く。"""

import tomllib
from collections.abc import Callable, Set
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from signing.keys.backend import KeyBackend, KeyUnusable
from signing.keys.keyring import EARLIEST, LATEST, KeyPlan
from signing.keys.pkcs11 import Pkcs11Key, Slot
from signing.keys.pkcs12 import Pkcs12Key

KEY = {"name", "shared", "owners", "starts_at", "ends_at", "stopped_at", "stopped_because", "pkcs12", "pkcs11"}
PKCS12 = {"file", "passphrase_file"}
PKCS11 = {"library", "token", "pin_file", "label"}


def single(path: Path, passphrase: str) -> tuple[KeyPlan, ...]:
    """Plan one PKCS#12 file as the key of everyone."""
    return (KeyPlan("shared", partial(_pkcs12, path, passphrase)),)


def read(path: Path) -> tuple[KeyPlan, ...]:
    """Read the planned keys of a TOML file, paths in it being relative to it; raises KeyUnusable, saying where.

    Secrets are read, but no key is opened.
    """
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("key", [])
        plans = tuple(_plan(entry, path.parent) for entry in listed)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeyUnusable(f"鍵の設定 {path} を読み取れません（{error}）。") from error
    names = [plan.name for plan in plans]
    if not names or len(set(names)) < len(names):
        raise KeyUnusable(f"鍵の設定 {path} に、鍵が一つもないか、同じ名の鍵があります。")
    return plans


def _plan(entry: dict[str, Any], base: Path) -> KeyPlan:
    _only(entry, KEY, optional=KEY - {"name"})
    name, owners = entry["name"], frozenset(entry.get("owners", ()))
    if bool(owners) is bool(entry.get("shared", False)):
        raise ValueError(f"{name}: shared = true か owners のどちらか一つを書きます")
    if ("pkcs12" in entry) is ("pkcs11" in entry):
        raise ValueError(f"{name}: pkcs12 か pkcs11 のどちらか一つを書きます")
    return KeyPlan(
        name=name,
        open=_opener(entry, base),
        owners=owners,
        starts_at=_moment(entry, "starts_at") or EARLIEST,
        ends_at=_moment(entry, "ends_at") or LATEST,
        stopped_at=_moment(entry, "stopped_at"),
        stopped_because=entry.get("stopped_because", ""),
    )


def _opener(entry: dict[str, Any], base: Path) -> Callable[[datetime], KeyBackend]:
    if "pkcs12" in entry:
        where = entry["pkcs12"]
        _only(where, PKCS12)
        return partial(_pkcs12, base / where["file"], _secret(base / where["passphrase_file"]))
    where = entry["pkcs11"]
    _only(where, PKCS11 | {"certificates"}, optional={"certificates"})
    slot = Slot(Path(where["library"]), where["token"], _secret(base / where["pin_file"]))
    certificates = base / where["certificates"] if "certificates" in where else None
    return partial(_pkcs11, slot, where["label"], certificates)


def _pkcs12(path: Path, passphrase: str, at: datetime) -> KeyBackend:
    return Pkcs12Key(path, passphrase, at=at)


def _pkcs11(slot: Slot, label: str, certificates: Path | None, at: datetime) -> KeyBackend:
    return Pkcs11Key(slot, label, certificates=certificates, at=at)


def _only(entry: dict[str, Any], known: Set[str], *, optional: Set[str] = frozenset()) -> None:
    unknown, missing = entry.keys() - known, known - optional - entry.keys()
    if unknown or missing:
        raise ValueError(f"余分な項目 {sorted(unknown)}、足りない項目 {sorted(missing)}")


def _moment(entry: dict[str, Any], name: str) -> datetime | None:
    moment = entry.get(name)
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{name} には、時差を付けた日時を書きます（例 2026-04-01T00:00:00+09:00）")
    return moment


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
