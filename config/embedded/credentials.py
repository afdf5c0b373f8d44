"""Secrets of one embedded stack: made at its first start, kept in one file that only its owner reads."""

import base64
import io
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import tink
from tink import aead, cleartext_keyset_handle, streaming_aead

from config.embedded import ports


@dataclass(frozen=True)
class Credentials:
    """What the services of one stack share with the application, and the port its certificates name."""

    secret_key: str
    vault_master_keyset: str
    superuser_password: str
    owner_password: str
    app_password: str
    ops_password: str
    backup_password: str
    backup_keyset: str
    redis_password: str
    pki_port: int


def load(path: Path) -> Credentials:
    """Read the secrets, or make them; those that an older release did not know are added."""
    known = json.loads(path.read_text()) if path.exists() else {}
    missing = {each.name for each in fields(Credentials)} - known.keys()
    made = Credentials(**(asdict(_make()) | known)) if missing else Credentials(**known)
    if missing:
        write_private(path, json.dumps(asdict(made), indent=1))
    return made


def write_private(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def _make() -> Credentials:
    return Credentials(
        secret_key=secrets.token_urlsafe(50),
        vault_master_keyset=new_master_keyset(),
        superuser_password=secrets.token_hex(24),
        owner_password=secrets.token_hex(24),
        app_password=secrets.token_hex(24),
        ops_password=secrets.token_hex(24),
        backup_password=secrets.token_hex(24),
        backup_keyset=new_backup_keyset(),
        redis_password=secrets.token_hex(24),
        pki_port=ports.pick(),
    )


def new_master_keyset() -> str:
    """Make a Tink AES256-GCM keyset and return its JSON, base64-encoded."""
    aead.register()
    return _new_keyset(aead.aead_key_templates.AES256_GCM)


def new_backup_keyset() -> str:
    """Make a keyset of Tink's streaming AEAD for backups, written in the same way."""
    streaming_aead.register()
    return _new_keyset(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)


def _new_keyset(template: object) -> str:
    handle = tink.new_keyset_handle(template)
    text = io.StringIO()
    cleartext_keyset_handle.write(tink.JsonKeysetWriter(text), handle)
    return base64.b64encode(text.getvalue().encode()).decode()
