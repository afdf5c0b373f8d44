"""証明書と失効情報を作る小さな認証局。OCSP と CRL は、頼まれたとおりに間違える。"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import asn1crypto.x509
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from signing import network
from signing.trust import Trust

from .loopback import serving

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OCSP_REPLY = "application/ocsp-response"
Key = ec.EllipticCurvePrivateKey


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A root, an issuing CA, and what they say over HTTP in the mode that is set."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.ocsp = self.crl = "good"
        self.asked: list[str] = []
        self.keys = {each: ec.generate_private_key(ec.SECP256R1()) for each in ("root", "ca", "responder", "stranger")}
        self.root = self.issue("root", by="root", to="root", authority=True)
        self.ca = self.issue("ca", by="root", to="ca", authority=True, crl="root")
        self._stranger = self.issue("stranger", by="stranger", to="stranger", authority=True)

    @property
    def trust(self) -> Trust:
        return Trust((parsed(self.root),), (parsed(self.ca),))

    def url(self, what: str) -> str:
        return f"http://127.0.0.1:{self.port}/{what}"

    def leaf(
        self, *, ocsp: str | None = "ocsp", crl: str | None = "ca", until: datetime | None = None
    ) -> x509.Certificate:
        return self.issue("leaf", by="ca", to="responder", ocsp=ocsp, crl=crl, until=until)

    def issue(
        self,
        common: str,
        *,
        by: str,
        to: str,
        key: str | None = None,
        authority: bool = False,
        ocsp: str | None = None,
        crl: str | None = None,
        until: datetime | None = None,
        extensions: tuple[x509.ExtensionType, ...] = (),
    ) -> x509.Certificate:
        now = network.now()
        owner = self.keys[to].public_key()
        builder = x509.CertificateBuilder(name(by), name(common), owner, x509.random_serial_number())
        builder = builder.not_valid_before(now - DAY).not_valid_after(until or now + 365 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        if ocsp:
            url = ocsp if ":" in ocsp else self.url(ocsp)
            place = x509.UniformResourceIdentifier(url)
            description = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
            builder = builder.add_extension(x509.AuthorityInformationAccess([description]), critical=False)
        if crl:
            place = x509.UniformResourceIdentifier(self.url(crl))
            point = x509.DistributionPoint([place], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        for each in extensions:
            builder = builder.add_extension(each, critical=False)
        return builder.sign(self.keys[key or by], hashes.SHA256())

    async def answer(self, request: web.Request) -> web.Response:
        what = request.match_info["what"]
        self.asked.append(what)
        mode = self.ocsp if what == "ocsp" else self.crl if what == "ca" else "good"
        if mode == "down":
            return web.Response(status=503)
        if mode == "hang":
            await asyncio.sleep(30)
        if mode == "garbage":
            return web.Response(body=b"\x30\x03abc")
        if mode == "huge":
            return web.Response(body=bytes(50_000_000))
        if what == "ocsp":
            return web.Response(body=self._ocsp(await request.read(), mode), content_type=OCSP_REPLY)
        return web.Response(body=self._crl(what, mode), content_type="application/pkix-crl")

    def _ocsp(self, question: bytes, mode: str) -> bytes:
        if mode == "try_later":
            later = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
            return later.public_bytes(Encoding.DER)
        asked = ocsp.load_der_ocsp_request(question)
        start = network.now() + {"stale": -2 * DAY, "future": HOUR, "endless": -MINUTE}.get(mode, -HOUR)
        status = {"revoked": ocsp.OCSPCertStatus.REVOKED, "unknown": ocsp.OCSPCertStatus.UNKNOWN}
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=7 if mode == "another" else asked.serial_number,
            algorithm=hashes.SHA1(),
            cert_status=status.get(mode, ocsp.OCSPCertStatus.GOOD),
            this_update=start,
            next_update=None if mode == "endless" else start + DAY,
            revocation_time=start if mode == "revoked" else None,
            revocation_reason=None,
        )
        answer = bytearray(self._signed(builder, mode).public_bytes(Encoding.DER))
        if mode == "forged":
            answer[answer.index(b"\x18\x0f20") + 5] ^= 1  # 署名された時刻の年
        return bytes(answer)

    def _signed(self, builder: ocsp.OCSPResponseBuilder, mode: str) -> ocsp.OCSPResponse:
        by_name = ocsp.OCSPResponderEncoding.NAME
        if mode == "direct":
            return builder.responder_id(by_name, self.ca).sign(self.keys["ca"], hashes.SHA256())
        responder = self._responder(mode)
        key = self.keys["stranger" if mode in {"stranger", "impostor"} else "responder"]
        return builder.responder_id(by_name, responder).certificates([responder]).sign(key, hashes.SHA256())

    def _responder(self, mode: str) -> x509.Certificate:
        if mode == "stranger":
            return self._stranger
        if mode == "impostor":
            return self.issue("responder", by="ca", to="stranger", key="stranger", crl="trap")
        purpose = () if mode == "unappointed" else (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]),)
        proof = () if mode.startswith("unproven") else (x509.OCSPNoCheck(),)
        crl = "ca" if mode == "unproven" else None
        return self.issue("responder", by="ca", to="responder", crl=crl, extensions=(*purpose, *proof))

    def _crl(self, issuer: str, mode: str) -> bytes:
        issuer = "root" if mode == "of_another" else issuer
        start = network.now() - (2 * DAY if mode == "stale" else HOUR)
        builder = x509.CertificateRevocationListBuilder(name(issuer), start, start + DAY)
        if mode.startswith("revoked:"):
            revoked = x509.RevokedCertificateBuilder(int(mode.partition(":")[2]), start)
            builder = builder.add_revoked_certificate(revoked.build())
        key = self.keys["stranger" if mode == "forged" else issuer]
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def parsed(certificate: x509.Certificate) -> asn1crypto.x509.Certificate:
    return asn1crypto.x509.Certificate.load(certificate.public_bytes(Encoding.DER))


@contextmanager
def answering() -> Iterator[Authority]:
    """Serve an authority's OCSP and CRLs on a free loopback port."""
    made: list[Authority] = []

    async def answer(request: web.Request) -> web.Response:
        return await made[0].answer(request)

    with serving(answer) as port:
        made.append(Authority(port))
        yield made[0]
