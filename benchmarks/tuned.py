"""pyHanko with all kept that may be: parsed key, connection, evidence, sizes; one revision a signature."""

import asyncio
from io import BytesIO
from typing import Self

import aiohttp
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import SimpleSigner, fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

from benchmarks.ours import PEOPLE
from benchmarks.plain import describe, intermediates
from config.embedded.pki import PkiPaths
from signing.revocation import Evidence, EvidenceStore
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust

CONTAINER_BYTES = 18_000  # 十六進で。どの鍵の署名も、トークンと証明書ごと入る
ONE_REVISION = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)


class KeptKey(SimpleSigner):
    """Parse the key once, and sign nothing when only the size is asked for."""

    @classmethod
    def of(cls, loaded: SimpleSigner) -> Self:
        """Take over a signer's key."""
        made = cls(signing_cert=loaded.signing_cert, signing_key=loaded.signing_key, cert_registry=loaded.cert_registry)
        made.parsed = serialization.load_der_private_key(loaded.signing_key.dump(), None)
        return made

    async def async_sign_raw(self, data: bytes, _digest: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - 上書き
        """Sign with what was parsed."""
        if dry_run:
            return bytes(512)
        if isinstance(self.parsed, rsa.RSAPrivateKey):
            return self.parsed.sign(data, padding.PKCS1v15(), hashes.SHA256())
        assert isinstance(self.parsed, ec.EllipticCurvePrivateKey)
        return self.parsed.sign(data, ec.ECDSA(hashes.SHA256()))


class Tuned:
    """A worker that keeps its event loop, its session and its evidence."""

    def __init__(self, made: PkiPaths, loaded: SimpleSigner) -> None:
        self._made = made
        self._signer = KeptKey.of(loaded)
        self._evidence = _evidence(made, loaded.signing_cert)
        self._loop = asyncio.new_event_loop()
        self._session = self._loop.run_until_complete(_session())
        self._stamper = HTTPTimeStamper(made.tsa_url, session=self._session)

    def seal(self, pdf: bytes) -> bytes:
        """Add two approvals and the document timestamp."""
        for step in range(len(PEOPLE)):
            last = step == len(PEOPLE) - 1
            metadata = describe(step, self._context(), use_pades_lta=last, dss_settings=ONE_REVISION)
            field = fields.SigFieldSpec(f"FIELD_1_{step}")
            by = signers.PdfSigner(metadata, signer=self._signer, timestamper=self._stamper, new_field_spec=field)
            work = by.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=CONTAINER_BYTES)
            pdf = self._loop.run_until_complete(work).getvalue()
        return pdf

    def renew(self, pdf: bytes) -> bytes:
        """Add an archive timestamp."""
        work = signers.PdfTimeStamper(self._stamper).async_update_archival_timestamp_chain(
            PdfFileReader(BytesIO(pdf)), self._context(), in_place=False
        )
        return self._loop.run_until_complete(work).getvalue()

    def close(self) -> None:
        """Let the connections go."""
        self._loop.run_until_complete(self._session.close())
        self._loop.close()

    def _context(self) -> ValidationContext:
        return ValidationContext(
            trust_roots=list(Trust.load([self._made.trust_roots]).roots),
            other_certs=intermediates(self._made),
            allow_fetching=False,
            revocation_mode="require",
            ocsps=[der for each in self._evidence for der in each.ocsps],
            crls=[der for each in self._evidence for der in each.crls],
        )


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


def _evidence(made: PkiPaths, certificate: x509.Certificate) -> tuple[Evidence, Evidence]:
    """Fetch once what proves the signer and the timestamp authority."""
    trust = Trust.load([made.trust_roots], [made.chain])
    (authority,) = TimestampAuthorities([made.tsa_url], trust=trust).in_order()
    return EvidenceStore(trust).of(certificate), authority.evidence()[1]
