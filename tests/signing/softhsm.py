"""SoftHSM2 の装置を、試験の置き場の中に作る。"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives import serialization

from signing.keys import Slot
from tests.signing import keymaker

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL = "signer"
PIN = "2468"
SETTINGS = "directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"


@dataclass(frozen=True)
class SoftHsm:
    """One home of tokens; SOFTHSM2_CONF must point at its `conf` before the library is loaded."""

    home: Path

    @property
    def conf(self) -> Path:
        return self.home / "softhsm2.conf"

    @property
    def tokens(self) -> Path:
        return self.home / "tokens"

    def create(self) -> None:
        self.tokens.mkdir(parents=True)
        self.conf.write_text(SETTINGS.format(tokens=self.tokens))

    def token(self, token: str, key: keymaker.PrivateKey, **wishes: object) -> Slot:
        """Make a token that holds a key, and beside it a PEM file with its certificate."""
        self._run("--init-token", "--free", "--label", token, "--so-pin", "1357", "--pin", PIN)
        self.add(token, key, LABEL)
        self.pem(token).write_bytes(keymaker.certificate(key, **wishes).public_bytes(serialization.Encoding.PEM))
        return Slot(LIBRARY, token, PIN)

    def add(self, name: str, key: keymaker.PrivateKey, label: str) -> None:
        """Put one more key into a token."""
        path = self.home / f"{name}-{label}.pem"
        pkcs8 = serialization.PrivateFormat.PKCS8
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
        self._run("--import", str(path), "--token", name, "--label", label, "--id", os.urandom(4).hex(), "--pin", PIN)
        path.unlink()

    def pem(self, name: str) -> Path:
        return self.home / f"{name}.pem"

    def store_certificate(self, name: str, certificate: bytes) -> None:
        """Put a DER certificate into a token under the key's label, through a process of its own."""
        script = (
            "import sys, pkcs11\n"
            "from pkcs11 import Attribute, CertificateType, ObjectClass\n"
            f"token = pkcs11.lib({str(LIBRARY)!r}).get_token(token_label={name!r})\n"
            f"with token.open(rw=True, user_pin={PIN!r}) as session:\n"
            "    session.create_object({Attribute.CLASS: ObjectClass.CERTIFICATE,\n"
            "        Attribute.CERTIFICATE_TYPE: CertificateType.X_509, Attribute.TOKEN: True,\n"
            f"        Attribute.LABEL: {LABEL!r}, Attribute.SUBJECT: b'', Attribute.VALUE: sys.stdin.buffer.read()}})\n"
        )
        self._python(script, certificate)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "SOFTHSM2_CONF": str(self.conf)}

    def _python(self, script: str, given: bytes) -> None:
        subprocess.run([sys.executable, "-c", script], input=given, env=self.environment(), check=True)

    def _run(self, *arguments: str) -> None:
        subprocess.run(["softhsm2-util", *arguments], env=self.environment(), check=True, capture_output=True)


def pull_the_rug() -> None:
    """Finalize and initialize the library behind the key's back: every session and handle is lost."""
    pkcs11.lib(str(LIBRARY)).reinitialize()
