"""A passkey made of software: what a device would answer, for tests that need no browser."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User

PLACE = "localhost"
PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


@dataclass
class Passkey:
    """A key pair of a device, bound to this installation; `verifies` tells whether it asks for a finger or a PIN."""

    verifies: bool = True
    origin: str = f"http://{PLACE}"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def registers(self, challenge: str = "") -> dict[str, Any]:
        """Answer a page that registers it."""
        public = AttestedCredentialData.create(bytes(16), self.name, ES256.from_cryptography_key(self.key.public_key()))
        flags = self._flags() | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(self._place(), flags, 0, public)
        told = {"attestationObject": websafe_encode(AttestationObject.create("none", data, {}))}
        return self._answer(told | {"clientDataJSON": websafe_encode(self._client("webauthn.create", challenge))})

    def proves(self, challenge: str, *, user: User | None = None) -> dict[str, Any]:
        """Answer a page that asks for it; `user` where the page does not know who comes."""
        data, client = (
            AuthenticatorData.create(self._place(), self._flags(), 1),
            self._client("webauthn.get", challenge),
        )
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        told = {"authenticatorData": data, "clientDataJSON": client, "signature": signature}
        if user is not None:
            told["userHandle"] = user_pk_to_url_str(user).encode()
        return self._answer({name: websafe_encode(value) for name, value in told.items()})

    def _flags(self) -> Any:
        return PRESENT | VERIFIED if self.verifies else PRESENT

    def _place(self) -> bytes:
        return hashlib.sha256(PLACE.encode()).digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self.name)
        results = {"credProps": {"rk": True}}
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": results,
        }


def give(user: User, passkey: Passkey | None = None) -> Passkey:
    """Register a passkey for a person, as the page would."""
    passkey = passkey or Passkey()
    data = {"name": "試験の端末", "credential": passkey.registers()}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
    return passkey
