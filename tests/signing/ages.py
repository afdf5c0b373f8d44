"""何十年もの間、時刻認証局が世代を替えていく。時計は time_machine で動かし、答えは本物の HTTP で返す。"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import time_machine
from aiohttp import web
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from certomancer.services import TimeStamper
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing import network
from signing.keys import Pkcs12Key
from signing.sealing import Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust

from .little_pki import DAY, START, YEAR, Party, points
from .loopback import serving

REPLY = "application/timestamp-reply"
PASSPHRASE = "長い年月"
STAMPING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
BEGIN = START + 150 * DAY


def years(count: float) -> datetime:
    """Return the moment so many years after the beginning."""
    return BEGIN + count * YEAR


class Ages:
    """A root for sixty years; below it a signer, and authorities of which the newest answers at /tsa.

    /elder is an authority that never changes its certificate; /crl is the root's list.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root = Party("百年の認証局", authority=True, years=60)
        self.generations: list[Party] = []
        self.revoked: list[tuple[Party, datetime, x509.ReasonFlags | None]] = []
        self.silent = False
        self.asked: list[str] = []
        self.port = 0

    def open(self, port: int) -> None:
        """Issue the certificates, now that the address in them is known."""
        self.port = port
        self.signer = self._issue("Musubi Sign Dept.", START, 5)
        self.generations = [self._issue(f"時刻認証局 第{n}世代", years(9 * (n - 1)) - DAY, 11) for n in range(1, 5)]
        secret = serialization.BestAvailableEncryption(PASSPHRASE.encode())
        bundle = pkcs12.serialize_key_and_certificates(b"s", self.signer.key, self.signer.x509, None, secret)
        self.pkcs12.write_bytes(bundle)
        self.trust_roots.write_bytes(self.root.x509.public_bytes(serialization.Encoding.PEM))

    @property
    def pkcs12(self) -> Path:
        return self.directory / "signer.p12"

    @property
    def trust_roots(self) -> Path:
        return self.directory / "roots.pem"

    chain = trust_roots

    @property
    def tsa_url(self) -> str:
        return self.url("tsa")

    def url(self, what: str) -> str:
        return f"http://127.0.0.1:{self.port}/{what}"

    @cached_property
    def trust(self) -> Trust:
        return Trust.load([self.trust_roots])

    def authorities(self, *urls: str) -> TimestampAuthorities:
        return TimestampAuthorities(urls or [self.tsa_url], trust=self.trust)

    def sealer(self) -> Sealer:
        return Sealer(Pkcs12Key(self.pkcs12, PASSPHRASE), self.authorities())

    def revoke(self, party: Party, reason: x509.ReasonFlags | None) -> None:
        self.revoked.append((party, network.now(), reason))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        self.asked.append(what)
        if self.silent:
            return web.Response(status=503)
        if what == "crl":
            list_ = self.root.crl(*self.revoked, since=network.now() - timedelta(hours=1), days=7)
            return web.Response(body=list_, content_type="application/pkix-crl")
        stamper = self.generations[0] if what == "elder" else self._present()
        answered = _stamper(stamper).request_tsa_response(tsp.TimeStampReq.load(await request.read()))
        return web.Response(body=answered.dump(), content_type=REPLY)

    def _present(self) -> Party:
        return [each for each in self.generations if each.x509.not_valid_before_utc <= network.now()][-1]

    def _issue(self, name: str, start: datetime, lasting: int) -> Party:
        purpose = () if name.startswith("Musubi") else (STAMPING,)
        crl = points(x509.UniformResourceIdentifier(self.url("crl")))
        return Party(name, self.root, crl, *purpose, start=start, years=lasting)


def _stamper(party: Party) -> TimeStamper:
    plain = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key = keys.PrivateKeyInfo.load(party.key.private_bytes(*plain))
    return TimeStamper(asn1.Certificate.load(party.der), key, fixed_dt=network.now().replace(microsecond=0))


@contextmanager
def passing(directory: Path) -> Iterator[Ages]:
    """Serve in a thread, with the clock at the beginning."""
    ages = Ages(directory)
    with time_machine.travel(BEGIN, tick=False), serving(ages.answer) as port:
        ages.open(port)
        yield ages
