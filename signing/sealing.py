# mypy: disable-error-code="no-untyped-call"
"""承認を一つ、見えない PAdES 署名として文書の末尾に足す。文書の既にあるバイトは決して変えない。"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from asn1crypto import cms, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import InvisSigSettings, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSigningSession,
    PdfTimeStamper,
    SigDSSPlacementPreference,
)
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from signing import integrity
from signing.keys import KeyBackend
from signing.reading import open_reader
from signing.refusals import SealingRefused, SealingUnavailable
from signing.revocation import EvidenceStore
from signing.timestamps import TimestampAuthorities, TimestampAuthority, TimestampUnusable, Token, unavailable
from signing.trust import Trust

__all__ = ["Approval", "Sealed", "Sealer", "SealingRefused", "SealingUnavailable"]

JST = ZoneInfo("Asia/Tokyo")
LOCATION = "日本"
# 署名と同じ版に検証情報を入れる: Acrobat の署名パネルで一つの行為が一つのバージョンに見える。
ONE_REVISION = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
INVISIBLE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False)
CONTAINER_HEX_DIGITS = 24 * 1024
LARGEST_CONTAINER = 8 * CONTAINER_HEX_DIGITS
UNSIGNABLE = "この文書には署名を付けられません。文書を作り直してください。"


@dataclass(frozen=True)
class Approval:
    """Who approved which document at which step, and when; `document` may hold letters, digits and hyphens."""

    document: str
    step: int
    name: str
    email: str
    at: datetime

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9-]+", self.document) or self.step < 0:
            raise ValueError(f"not a field name: {self.document!r} {self.step}")
        if self.at.tzinfo is None:
            raise ValueError("at must be aware")

    @property
    def field_name(self) -> str:
        """R79."""
        return f"FIELD_{self.document}_{self.step}"

    @property
    def reason(self) -> str:
        """R77: the sentence Acrobat shows, in Japanese time to the second."""
        at = self.at.astimezone(JST)
        return f"{self.name} 様 {self.email} が{at:%Y-%m-%d %H:%M:%S} +09:00 JSTに承認しました"


@dataclass(frozen=True)
class Sealed:
    """The grown document, the time in its signature's token, and in its document timestamp if one was added."""

    pdf: bytes
    timestamped_at: datetime
    tsa: str
    archived_at: datetime | None


class Sealer:
    """Approve documents with one key; safe to share between threads."""

    def __init__(self, key: KeyBackend, authorities: TimestampAuthorities, trust: Trust) -> None:
        self._key = key
        self._authorities = authorities
        self._store = EvidenceStore(trust)
        self._signer = key.pyhanko_signer()
        self._usage = _usage_of(key.certificate)

    def approve(self, pdf: bytes, approval: Approval, *, final: bool) -> Sealed:
        """Append one signature (and with `final` the document timestamp); raises SealingUnavailable, SealingRefused."""
        _check_sealable(pdf, approval)
        sealed = asyncio.run(self._approve(pdf, approval, final=final))
        if not sealed.pdf.startswith(pdf):
            raise SealingRefused("署名で元の文書が変わってしまうため、中止しました。文書を作り直してください。")
        return sealed

    async def _approve(self, pdf: bytes, approval: Approval, *, final: bool) -> Sealed:
        reasons = []
        for authority in self._authorities.in_order():
            try:
                return await self._approve_with(authority, pdf, approval, final=final)
            except TimestampUnusable as error:
                reasons.append(str(error))
        raise unavailable(reasons)

    async def _approve_with(
        self, authority: TimestampAuthority, pdf: bytes, approval: Approval, *, final: bool
    ) -> Sealed:
        """Try with one authority only: its certificate must be the one the embedded evidence speaks of."""
        own = self._store.of(self._key.certificate, self._key.chain, key_usage=self._usage)
        reserved = CONTAINER_HEX_DIGITS
        changed = False
        while True:
            certificate, evidence = authority.evidence()
            stamper = _Stamper(authority, certificate, evidence.path)
            try:
                signed = await self._sign(pdf, approval, stamper, self._store.context(own, evidence), reserved)
                grown = await _archive(signed, approval, stamper, reserved) if final else signed
            except _CertificateChanged:
                if changed:
                    raise TimestampUnusable("発行者の証明書が要求のたびに変わります") from None
                changed = True
                continue
            except SigningError as error:
                reserved *= 2
                if "larger than expected" not in str(error) or reserved > LARGEST_CONTAINER:
                    raise SealingRefused(UNSIGNABLE) from error
                continue
            except TimestampUnusable:
                raise
            except Exception as error:  # 形の崩れた文書は何種類もの例外になる。どれも「署名できない」
                raise SealingRefused(UNSIGNABLE) from error
            archived = stamper.tokens[-1].at if final else None
            return Sealed(grown, stamper.tokens[0].at, stamper.tokens[0].authority, archived)

    async def _sign(
        self, pdf: bytes, approval: Approval, stamper: "_Stamper", context: ValidationContext, reserved: int
    ) -> bytes:
        metadata = signers.PdfSignatureMetadata(
            field_name=approval.field_name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=approval.reason,
            location=LOCATION,
            app_build_props=BuildProps(name="Musubi"),
            validation_context=context,
            embed_validation_info=True,
            dss_settings=ONE_REVISION,
            signer_key_usage=set(self._usage),
        )
        field = fields.SigFieldSpec(approval.field_name, on_page=0, box=(0, 0, 0, 0), invis_sig_settings=INVISIBLE)
        signer = _TimedSigner(metadata, signer=self._signer, timestamper=stamper, new_field_spec=field)
        signer.at = approval.at.astimezone(JST)
        output = await signer.async_sign_pdf(_Appender.of(pdf), bytes_reserved=reserved)
        return bytes(output.getvalue())


class _CertificateChanged(Exception):
    """The authority signed with another certificate than the one whose evidence is being embedded."""


class _Stamper(timestamps.TimeStamper):
    """Give pyHanko only tokens that have been checked, all of one authority and one certificate."""

    def __init__(
        self, authority: TimestampAuthority, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]
    ) -> None:
        super().__init__()
        self._authority = authority
        self._certificate = certificate
        self._chain = chain
        self.tokens: list[Token] = []

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a checked token; pyHanko itself checks nothing of it."""
        if md_algorithm != "sha256":
            raise ValueError(md_algorithm)
        token = self._authority.stamp(message_digest)
        if token.certificate.dump() != self._certificate.dump():
            raise _CertificateChanged
        self.tokens.append(token)
        return token.content

    async def validation_paths(self, validation_context: ValidationContext) -> AsyncIterator[ValidationPath]:
        """Yield the path of the known certificate, without asking for a token just to learn it."""
        yield await CertificateValidator(
            self._certificate, intermediate_certs=self._chain, validation_context=validation_context
        ).async_validate_usage(set(), {"time_stamping"})


class _TimedSigner(signers.PdfSigner):
    """Write the approval's own time into /M, whatever zone the worker runs in (R77)."""

    at: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002 - pyHanko が決めた形
    ) -> PdfSigningSession:
        """Open the session with our clock."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


class _Appender(IncrementalPdfFileWriter):
    """Append signatures only: pyHanko would also rewrite the document's properties (/Info, XMP)."""

    IO_CHUNK_SIZE = 64 * 1024

    @classmethod
    def of(cls, pdf: bytes) -> "_Appender":
        """Open the bytes; a hybrid cross-reference file (Word makes them) needs the lenient reader."""
        reader = open_reader(pdf)
        return cls(reader.stream, prev=reader)

    def _update_meta(self) -> None:
        return


async def _archive(signed: bytes, approval: Approval, stamper: _Stamper, reserved: int) -> bytes:
    """Add the document timestamp; the evidence for its certificate is already in the document."""
    name = f"TIMESTAMP_{approval.document}_{approval.step}"
    output = await PdfTimeStamper(stamper, field_name=name, invis_settings=INVISIBLE).async_timestamp_pdf(
        _Appender.of(signed), "sha256", bytes_reserved=reserved
    )
    return bytes(output.getvalue())


def _check_sealable(pdf: bytes, approval: Approval) -> None:
    """Refuse what must not be signed; pyHanko would sign over broken signatures."""
    try:
        document = integrity.Document(pdf)
    except Exception as error:  # 壊れた文書は何種類もの例外になる。どれも「署名できない」
        raise SealingRefused("文書を読み取れないため、署名できません。文書を作り直してください。") from error
    if document.encrypted:
        raise SealingRefused("暗号化された文書には署名できません。保護を外した文書を用意してください。")
    if document.locked:
        raise SealingRefused("変更を禁じられた文書のため、署名を加えられません。")
    if approval.field_name in document.field_names:
        raise SealingRefused("この段階の署名は既に付いています。")
    if document.tampering():
        raise SealingRefused("既にある署名が壊れているため、署名を加えられません。")


def _usage_of(certificate: x509.Certificate) -> frozenset[str]:
    usage = certificate.key_usage_value
    present = usage.native if usage is not None else {"non_repudiation"}
    return frozenset({"non_repudiation"} if "non_repudiation" in present else {"digital_signature"})
