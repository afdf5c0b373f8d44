"""Answers of a time authority that must never end in a document (F07)."""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from certomancer.services import TimeStamper
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
Lie = Callable[[tsp.TimeStampReq], bytes]


class Liar:
    """A time authority whose tokens are each wrong in one way; the keys are those of the honest one."""

    def __init__(self, directory: Path, *, honest: Callable[[tsp.TimeStampReq], bytes]) -> None:
        self._keys, self._honest = directory / "keys", honest
        self._last = b""
        self._made: dict[str, TimeStamper] = {}
        self.lies: dict[str, Lie] = {
            "truncated": lambda req: honest(req)[:-200],
            "rejection": lambda _req: _rejection(),
            "nonce": lambda req: honest(_changed(req, nonce=secrets.randbits(62))),
            "imprint": lambda req: honest(_misprinted(req)),
            "again": self._again,
            "expired": self._by("expired", days=(-30, -1)),
            "no-eku": self._by("no-eku", purpose=None),
            "wrong-eku": self._by("wrong-eku", purpose=ExtendedKeyUsageOID.CODE_SIGNING),
            "unknown-root": self._by("unknown-root", issuer="tsa"),
            "tomorrow": self._by("tomorrow", ahead=DAY),
            "yesterday": self._by("yesterday", ahead=-DAY),
        }

    def _again(self, req: tsp.TimeStampReq) -> bytes:
        """Give the token of another question once more."""
        self._last = self._last or self._honest(_misprinted(req))
        return self._last

    def _by(
        self,
        name: str,
        *,
        days: tuple[int, int] = (-1, 3000),
        purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.TIME_STAMPING,
        issuer: str = "tsa-ca",
        ahead: timedelta = timedelta(),
    ) -> Lie:
        def lie(req: tsp.TimeStampReq) -> bytes:
            stamper = self._made.get(name) or self._made.setdefault(
                name, self._stamper(days=days, purpose=purpose, issuer=issuer)
            )
            stamper.fixed_dt = _now() + ahead
            return bytes(stamper.request_tsa_response(req).dump())

        return lie

    def _stamper(self, *, days: tuple[int, int], purpose: x509.ObjectIdentifier | None, issuer: str) -> TimeStamper:
        key, by = self._key("tsa"), self._key(issuer)
        country = x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")
        house = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Musubi (self-signed, for trial use)")
        titles = {"tsa": "Musubi Timestamp Service", "tsa-ca": "Musubi Trial Time Stamping CA"}
        subject, above = (
            x509.Name([country, house, x509.NameAttribute(NameOID.COMMON_NAME, titles[each])])
            for each in ("tsa", issuer)
        )
        now = _now()
        made = x509.CertificateBuilder(above, subject, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY)
        if purpose is not None:
            made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        certificate = made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return TimeStamper(asn1_x509.Certificate.load(certificate), keys.PrivateKeyInfo.load(private))

    def _key(self, name: str) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key((self._keys / f"{name}.pem").read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _changed(req: tsp.TimeStampReq, **values: object) -> tsp.TimeStampReq:
    other = tsp.TimeStampReq.load(req.dump())
    for name, value in values.items():
        other[name] = value
    return other


def _misprinted(req: tsp.TimeStampReq) -> tsp.TimeStampReq:
    other = hashlib.new(req["message_imprint"]["hash_algorithm"]["algorithm"].native, b"another document").digest()
    imprint = {"hash_algorithm": req["message_imprint"]["hash_algorithm"], "hashed_message": other}
    return _changed(req, message_imprint=tsp.MessageImprint(imprint))


def _rejection() -> bytes:
    status = {"status": "rejection", "status_string": ["no more today"], "fail_info": {"system_failure"}}
    return bytes(tsp.TimeStampResp({"status": tsp.PKIStatusInfo(status)}).dump())
