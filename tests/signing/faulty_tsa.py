"""間違った答えを返す TSA。道の名が、間違え方。"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asn1crypto.x509
from aiohttp import web
from asn1crypto import cms, tsp
from certomancer import crypto_utils
from certomancer.registry import ArchLabel, CertLabel, KeyLabel
from certomancer.services import TimeStamper
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from config.embedded import pki as authority
from config.embedded.pki_server import ParsedKeyBackend
from signing import network

from .loopback import serving

REPLY = "application/timestamp-reply"
REJECTED = bytes.fromhex("30053003020102")  # RFC 3161 2.4.2: 断るときはトークンがない
HUGE = 200_000_000
STEP = bytes(64 * 1024)


class FaultyTsa:
    """Answer as the address says: /ok, /imprint, /nonce, …; count what was asked and sent."""

    def __init__(self, paths: authority.PkiPaths) -> None:
        crypto_utils.CRYPTO_BACKEND = ParsedKeyBackend()
        self._pki = authority.load(paths.directory).get_pki_arch(ArchLabel(authority.ARCHITECTURE))
        self.certificates = [self._pki.get_cert(CertLabel("tsa"))]
        self.port = 0
        self.forget()

    def forget(self) -> None:
        """Start anew: sound, with its first certificate, and asked nothing."""
        self.asked: list[str] = []
        self.imprints: list[str] = []
        self.connections: set[Any] = set()
        self.sent = 0
        self.broken = False
        self.certificates = self.certificates[:1]

    def url(self, fault: str) -> str:
        return f"http://127.0.0.1:{self.port}/{fault}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        fault = request.match_info["what"]
        self.asked.append(fault)
        self.connections.add(request.transport)
        query = tsp.TimeStampReq.load(await request.read())
        self.imprints.append(query["message_imprint"]["hash_algorithm"]["algorithm"].native)
        match "http500" if self.broken else fault:
            case "http500":
                return web.Response(status=500)
            case "redirect":
                return web.Response(status=302, headers={"Location": "/ok"})
            case "html":
                return web.Response(body=b"<html>maintenance</html>", content_type="text/html")
            case "garbage":
                return web.Response(body=b"\x30\x03abc", content_type=REPLY)
            case "empty":
                return web.Response(body=b"", content_type=REPLY)
            case "rejected":
                return web.Response(body=REJECTED, content_type=REPLY)
            case "rejected_because":
                return web.Response(body=_rejection(), content_type=REPLY)
            case "truncated":
                return web.Response(body=self.token(query, fault)[:-100], content_type=REPLY)
            case "huge" | "endless":
                return await self._flood(request, fault)
            case "hang":
                await asyncio.sleep(30)
            case "drip":
                return await self._drip(request)
            case "drip_head" | "cut" | "reset":
                return await self._raw(request, fault, self.token(query, fault))
        return web.Response(body=self.token(query, fault), content_type=REPLY)

    def token(self, query: tsp.TimeStampReq, fault: str) -> bytes:
        if fault == "nonce":
            query["nonce"] = 12345
        if fault == "no_nonce":
            del query["nonce"]
        if fault == "imprint":
            query["message_imprint"]["hashed_message"] = bytes(32)
        response = self._stamper(fault).request_tsa_response(query)
        if fault == "mods":
            response["status"]["status"] = "granted_with_mods"
        if fault in {"another_certificate", "repeated", "no_certificate"}:
            self._forge(response["time_stamp_token"]["content"], fault)
        der = bytearray(response.dump(force=True))
        if fault == "broken_signature":
            der[-5] ^= 0x55
        return bytes(der)

    def renew(self, fault: str = "") -> None:
        """Let tokens from now on be signed under a new certificate of the same authority."""
        old = x509.load_der_x509_certificate(self._pki.get_cert(CertLabel("tsa")).dump())
        start = old.not_valid_before_utc
        end = start + timedelta(hours=1) if fault == "expired" else old.not_valid_after_utc
        builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(end)
        for each in old.extensions:
            builder = builder.add_extension(each.value, each.critical)
        made = builder.sign(self._key("tsa-ca"), hashes.SHA256())
        self.certificates.append(asn1crypto.x509.Certificate.load(made.public_bytes(serialization.Encoding.DER)))

    def _stamper(self, fault: str) -> TimeStamper:
        late = {"fast": timedelta(minutes=5), "slow": -timedelta(minutes=5)}.get(fault, timedelta(0))
        if fault in {"expired", "rotating"}:
            self.renew(fault)
        who = "signer" if fault == "purpose" else "tsa"
        return TimeStamper(
            self._pki.get_cert(CertLabel("signer")) if fault == "purpose" else self.certificates[-1],
            self._pki.key_set.get_private_key(KeyLabel(who)),
            certs_to_embed=[self._pki.get_cert(CertLabel("tsa-ca"))],
            fixed_dt=network.now() + late,
            md_algorithm="sha1" if fault == "sha1" else "sha256",
        )

    def _forge(self, signed: cms.SignedData, fault: str) -> None:
        """Change what is signed and sign it again with the authority's own key."""
        (info,) = signed["signer_infos"]
        if fault == "no_certificate":
            signed["certificates"] = [each for each in signed["certificates"] if each.chosen.ca]
        if fault == "another_certificate":
            for each in info["signed_attrs"]:
                if each["type"].native.startswith("signing_certificate"):
                    each["values"][0]["certs"][0]["cert_hash"] = bytes(32)
        if fault == "repeated":
            tst = signed["encap_content_info"]["content"].parsed
            tst["serial_number"] = 7
            signed["encap_content_info"]["content"] = cms.ParsableOctetString(tst.dump(force=True))
            digest = hashes.Hash(hashes.SHA256())
            digest.update(tst.dump())
            for each in info["signed_attrs"]:
                if each["type"].native == "message_digest":
                    each["values"] = [digest.finalize()]
        covered = info["signed_attrs"].untag().dump(force=True)
        info["signature"] = self._key("tsa").sign(covered, padding.PKCS1v15(), hashes.SHA256())

    def _key(self, label: str):
        der = self._pki.key_set.get_private_key(KeyLabel(label)).dump()
        return serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": REPLY})
        await response.prepare(request)
        for _byte in range(100):
            await response.write(b"\x30")
            await asyncio.sleep(0.2)
        return response

    async def _flood(self, request: web.Request, fault: str) -> web.StreamResponse:
        length = {"Content-Length": str(HUGE)} if fault == "huge" else {}
        response = web.StreamResponse(headers={"Content-Type": REPLY, **length})
        await response.prepare(request)
        while self.sent < HUGE:
            await response.write(STEP)
            self.sent += len(STEP)
        return response

    async def _raw(self, request: web.Request, fault: str, body: bytes) -> web.StreamResponse:
        wire = request.transport
        assert wire is not None
        if fault == "reset":
            wire.abort()
        if fault == "cut":
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            wire.write(head + body[:1000])
            wire.close()
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100:
            wire.write(bytes([byte]))
            await asyncio.sleep(0.2)
        return web.Response()


def _rejection() -> bytes:
    """RFC 3161 2.4.2: rejection, badAlg, with a text that tries to break out of its line."""
    text = ["契約の上限\n\x1b[31mです"]
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": text, "fail_info": {"bad_alg"}})
    return bytes.fromhex("30") + bytes([len(status.dump())]) + status.dump()


@contextmanager
def running(paths: authority.PkiPaths) -> Iterator[FaultyTsa]:
    """Serve in a thread on a free loopback port."""
    tsa = FaultyTsa(paths)
    with serving(tsa.answer) as port:
        tsa.port = port
        yield tsa
