"""一台で動かすときだけの私設認証局を作る。鍵は初回起動時に生成し、リポジトリには決して入れない。"""

import json
import os
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from config.embedded import GUARANTOR_SEAL

ARCHITECTURE = "musubi"
# 発行者はすべて RSA とする: 署名が決定的なので、起動のたびに同じ証明書になる。
KEYS = ("root", "issuing", "tsa-ca", "ocsp", "signer", "tsa", "guarantor")
# 署名する鍵と、鍵の一覧での名、だれのための鍵か（空は、自分の鍵を持たないすべての団体）
SIGNERS = {"signer": ("shared", ()), "guarantor": ("guarantor", ("nishinihon",))}
KEY_BITS = 3072
CA_YEARS = 30
LEAF_YEARS = 11


@dataclass(frozen=True)
class PkiPaths:
    """Name what the stack needs from a directory made by create()."""

    directory: Path
    port: int
    config: Path
    keys: Path
    pkcs12: Path
    passphrase: Path
    trust_roots: Path
    chain: Path
    tsa_url: str


def create(directory: Path, port: int) -> PkiPaths:
    """Make the authorities once; a directory that already holds them keeps its keys, its dates and its port."""
    if (directory / "keys.toml").exists():
        return paths(directory)
    making = directory.with_name(f"{directory.name}.making-{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    try:
        if (directory / "keys").exists():  # 前の版が作った鍵と日付のまま、足りないものだけを足す
            shutil.copytree(directory / "keys", making / "keys")
        _make_keys(making / "keys")
        config = _architecture(port, _started(directory))
        (making / "pki.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        _export(making)
        (making / "pki.json").write_text(json.dumps({"port": port}), encoding="utf-8")
        shutil.rmtree(directory, ignore_errors=True)  # 途中で止まった前回の残り
        making.rename(directory)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return paths(directory)


def paths(directory: Path) -> PkiPaths:
    """Read where things are; raises FileNotFoundError before create()."""
    port = int(json.loads((directory / "pki.json").read_text(encoding="utf-8"))["port"])
    return PkiPaths(
        directory=directory,
        port=port,
        config=directory / "pki.yml",
        keys=directory / "keys.toml",
        pkcs12=directory / "signer.p12",
        passphrase=directory / "signer.passphrase",
        trust_roots=directory / "roots.pem",
        chain=directory / "intermediates.pem",
        tsa_url=f"http://127.0.0.1:{port}/{ARCHITECTURE}/tsa/tsa",
    )


def load(directory: Path) -> CertomancerConfig:
    """Load the authorities the way the server and the exporter both see them."""
    return CertomancerConfig.from_file(str(directory / "pki.yml"), str(directory))


def _make_keys(directory: Path) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)

    def make(name: str) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_secret(directory / f"{name}.pem", pem)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, [name for name in KEYS if not (directory / f"{name}.pem").exists()]))


def _started(directory: Path) -> datetime:
    """Return the day from which certificates are valid: that of an older version's, or yesterday."""
    if (directory / "pki.yml").exists():
        architecture = yaml.safe_load((directory / "pki.yml").read_text())["pki-architectures"][ARCHITECTURE]
        return datetime.fromisoformat(architecture["certs"]["root"]["validity"]["valid-from"])
    now = datetime.fromtimestamp(time.time(), UTC).replace(minute=0, second=0, microsecond=0)
    return now - timedelta(days=1)


def _write_secret(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _architecture(port: int, start: datetime) -> dict[str, Any]:
    return {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": {"keys": {"path-prefix": "keys", "keys": {name: {"path": f"{name}.pem"} for name in KEYS}}},
        "pki-architectures": {
            ARCHITECTURE: {
                "keyset": "keys",
                "entity-defaults": {"country-name": "JP", "organization-name": "Musubi (self-signed, for trial use)"},
                "entities": {
                    "root": {"common-name": "Musubi Trial Root CA"},
                    "issuing": {"common-name": "Musubi Trial Issuing CA"},
                    "tsa-ca": {"common-name": "Musubi Trial Time Stamping CA"},
                    "ocsp": {"common-name": "Musubi Trial OCSP Responder"},
                    "signer": {"common-name": "Musubi Sign Dept."},
                    "tsa": {"common-name": "Musubi Timestamp Service"},
                    "guarantor": {"common-name": GUARANTOR_SEAL},
                },
                "certs": _certificates(start),
                "services": _services(),
            }
        },
    }


def _certificates(start: datetime) -> dict[str, Any]:
    def validity(years: int) -> dict[str, str]:
        until = start + timedelta(days=365 * years)
        return {"valid-from": start.isoformat(), "valid-to": until.isoformat()}

    def authority(issuer: str, **params: Any) -> dict[str, Any]:
        return {
            "issuer": issuer,
            "validity": validity(CA_YEARS),
            "profiles": [{"id": "simple-ca", "params": params}],
        }

    def leaf(issuer: str, key_usage: list[str], *extensions: dict[str, Any]) -> dict[str, Any]:
        usage = {"schema": "key-usage", "params": key_usage}
        return {
            "issuer": issuer,
            "validity": validity(LEAF_YEARS),
            "extensions": [{"id": "key_usage", "critical": True, "smart-value": usage}, *extensions],
        }

    stamping = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    return {
        "root": authority("root", **{"crl-repo": "root"}),
        "issuing": authority("root", **{"max-path-len": 0, "ocsp-service": "issuing"}),
        "tsa-ca": authority("root", **{"max-path-len": 0, "crl-repo": "tsa-ca"}),
        "ocsp": {"issuer": "issuing", "validity": validity(LEAF_YEARS), "profiles": ["ocsp-responder"]},
        "signer": leaf("issuing", ["digital_signature", "non_repudiation"]),
        "tsa": leaf("tsa-ca", ["digital_signature"], stamping),
        "guarantor": leaf("issuing", ["digital_signature", "non_repudiation"]),
    }


def _services() -> dict[str, Any]:
    return {
        "ocsp": {
            "issuing": {
                "for-issuer": "issuing",
                "responder-cert": "ocsp",
                "signing-key": "ocsp",
                "validity-period": {"hours": 1},
            }
        },
        "crl-repo": {
            "root": {"for-issuer": "root", "signing-key": "root", "simulated-update-schedule": "P90D"},
            "tsa-ca": {"for-issuer": "tsa-ca", "signing-key": "tsa-ca", "simulated-update-schedule": "P30D"},
        },
        "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa", "certs-to-embed": ["tsa-ca"]}},
    }


def _export(directory: Path) -> None:
    architecture = load(directory).get_pki_arch(ArchLabel(ARCHITECTURE))
    certificates = {
        name: x509.load_der_x509_certificate(architecture.get_cert(CertLabel(name)).dump()) for name in KEYS
    }
    _write_pem(directory / "roots.pem", certificates["root"])
    _write_pem(directory / "intermediates.pem", certificates["issuing"], certificates["tsa-ca"])
    for name in SIGNERS:
        _bundle(directory, name, certificates[name], certificates["issuing"])
    (directory / "keys.toml").write_text("".join(_entry(name) for name in SIGNERS), encoding="utf-8")


def _bundle(directory: Path, name: str, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    passphrase = secrets.token_urlsafe(32)
    key = serialization.load_pem_private_key((directory / "keys" / f"{name}.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    encryption = serialization.BestAvailableEncryption(passphrase.encode())
    bundle = pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, [issuer], encryption)
    _write_secret(directory / f"{name}.p12", bundle)
    _write_secret(directory / f"{name}.passphrase", passphrase.encode())


def _entry(name: str) -> str:
    """Write a key's entry in the list of keys."""
    title, owners = SIGNERS[name]
    whose = f"owners = {json.dumps(owners)}" if owners else "shared = true"
    file = f'{{ file = "{name}.p12", passphrase_file = "{name}.passphrase" }}'
    return f'[[key]]\nname = "{title}"\n{whose}\npkcs12 = {file}\n\n'


def _write_pem(path: Path, *certificates: x509.Certificate) -> None:
    path.write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates))
