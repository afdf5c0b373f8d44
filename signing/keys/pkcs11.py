# mypy: disable-error-code="no-untyped-call"
"""PKCS#11 の装置（HSM）の中の鍵。鍵は装置を出ない。一つのプロセスに一つのセッション、一つの錠。"""

import functools
import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pkcs11
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, Mechanism, ObjectClass, PKCS11Error
from pkcs11._pkcs11 import lib
from pkcs11.exceptions import (
    MultipleTokensReturned,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    UserPinNotInitialized,
)
from pkcs11.types import Object, Session, SignMixin

from signing import network
from signing.keys import fitness
from signing.keys.backend import KeyUnusable
from signing.refusals import SealingUnavailable
from signing.trust import read_certificates

Answer = TypeVar("Answer")

PIN_REFUSED = (PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked, UserPinNotInitialized)
UNREACHABLE = "署名の鍵の装置「{token}」を使えません。使えるようになれば、自動で続けます。"


@dataclass(frozen=True)
class Slot:
    """Where a key lives: the PKCS#11 library, the label of the token, its user PIN."""

    library: Path
    token: str
    pin: str = field(repr=False)


@dataclass
class _Login:
    """One open session and the private keys found in it."""

    session: Session
    keys: dict[str, SignMixin] = field(default_factory=dict)

    def key(self, label: str) -> SignMixin:
        """Return the private key of a label, looked up once."""
        if label not in self.keys:
            found = self.find(ObjectClass.PRIVATE_KEY, label)
            if len(found) != 1 or not isinstance(found[0], SignMixin):
                raise KeyUnusable(f"装置に、署名に使える鍵「{label}」が一つに決まりません。")
            self.keys[label] = found[0]
        return self.keys[label]

    def find(self, kind: ObjectClass, label: str) -> list[Object]:
        """List the objects of a kind and label."""
        return list(self.session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}))


class _Library:
    """A PKCS#11 library in this process. Sessions of their own for threads crash it, so one lock guards every call."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._logins: dict[Slot, _Login] = {}
        self._refused: set[Slot] = set()
        self._loaded = self._inherited = False

    def run(self, slot: Slot, work: Callable[[_Login], Answer]) -> Answer:
        """Do work in the session of a slot; a lost session, login or token is opened anew, once.

        Raises SealingUnavailable while the token cannot be had, KeyUnusable when a person must mend something.
        """
        with self._lock:
            try:
                return self._try(slot, work)
            except MultipleTokensReturned as error:
                raise KeyUnusable(f"「{slot.token}」という名の装置が一つではありません。") from error
            except PKCS11Error as error:
                raise SealingUnavailable(UNREACHABLE.format(token=slot.token)) from error

    def _try(self, slot: Slot, work: Callable[[_Login], Answer]) -> Answer:
        if self._inherited:
            self._restart()
        try:
            return work(self._login(slot))
        except PKCS11Error:
            self._restart()
            return work(self._login(slot))

    def _login(self, slot: Slot) -> _Login:
        """Return the session of a slot. A refused PIN is never offered again: tokens lock after a few."""
        if slot in self._refused:
            raise _pin_refused(slot)
        if slot not in self._logins:
            try:
                token = self._opened().get_token(token_label=slot.token)
                self._logins[slot] = _Login(token.open(user_pin=slot.pin))
            except PIN_REFUSED as error:
                self._refused.add(slot)
                raise _pin_refused(slot) from error
        return self._logins[slot]

    def _opened(self) -> lib:
        library = pkcs11.lib(self._path)
        self._loaded = True
        return library

    def _restart(self) -> None:
        """Finalize and initialize the library, which is also what a forked child must do (PKCS#11 v2.40 6.7.1)."""
        self._logins.clear()
        self._inherited = False
        library = self._opened()
        with suppress(PKCS11Error):
            library.finalize()
        library.initialize()

    def forked(self) -> None:
        """Leave the parent's sessions alone in a child."""
        self._lock = threading.Lock()
        self._logins = {}
        self._inherited = self._loaded


@functools.cache
def _library(path: Path) -> _Library:
    library = _Library(path)
    os.register_at_fork(after_in_child=library.forked)
    return library


def _pin_refused(slot: Slot) -> KeyUnusable:
    return KeyUnusable(f"装置「{slot.token}」が PIN を受け付けません。PIN を確かめて、worker を起動し直してください。")


class Pkcs11Key:
    """A private key inside a PKCS#11 token, found by its label."""

    def __init__(self, slot: Slot, label: str, *, certificates: Path | None = None, at: datetime | None = None) -> None:
        """Open the key; its certificate comes from the PEM file (the signer's first), or else from the token.

        Raises KeyUnusable unless the key may sign at a moment (now, when none is given), SealingUnavailable.
        """
        self._slot, self._label = slot, label
        found = _from_file(certificates) if certificates else self._from_token()
        self.certificate, self.chain = found[0], found[1:]
        self._public_key = fitness.check(self.certificate, self.chain, at=at or network.now())
        self.algorithm = fitness.algorithm_of(self._public_key)
        self.signature_size = fitness.signature_size(self._public_key)
        self._proved: _Login | None = None
        self._run(self._prove)

    def sign(self, data: bytes) -> bytes:
        """Sign data in the token; raises SealingUnavailable, KeyUnusable."""

        def work(login: _Login) -> bytes:
            self._prove(login)
            return self._signed(login, data)

        return self._run(work)

    def _run(self, work: Callable[[_Login], Answer]) -> Answer:
        return _library(self._slot.library).run(self._slot, work)

    def _prove(self, login: _Login) -> None:
        """See once per login that the token still holds the key of the certificate: tokens are restored, too."""
        if self._proved is not login:
            fitness.prove(self._public_key, lambda probe: self._signed(login, probe), certificate=self.certificate)
            self._proved = login

    def _signed(self, login: _Login, data: bytes) -> bytes:
        key = login.key(self._label)
        if self.algorithm == "rsa-sha256":
            return bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
        # ハッシュまで行う CKM_ECDSA_SHA256 は、持たない装置がある（SoftHSM2 など）。
        pair = bytes(key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA))
        half = len(pair) // 2
        return encode_dss_signature(int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big"))

    def _from_token(self) -> tuple[x509.Certificate, ...]:
        def work(login: _Login) -> list[bytes]:
            return [bytes(each[Attribute.VALUE]) for each in login.find(ObjectClass.CERTIFICATE, self._label)]

        found = self._run(work)
        if len(found) != 1:
            raise KeyUnusable(f"装置「{self._slot.token}」に、「{self._label}」の証明書が一つに決まりません。")
        return (x509.Certificate.load(found[0]),)


def _from_file(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(read_certificates([path]))
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{path.name} の証明書を読み取れません。") from error
