# mypy: disable-error-code="no-untyped-call"
"""証明書の鎖を、文書に埋め込まれた証拠だけで、その時刻に確かめる。通信はしない。"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from signing.results import CertificateReport
from signing.trust import Trust, name_of

MOST_ENTRIES = 200


@dataclass(frozen=True)
class Embedded:
    """The document security store (DSS), parsed."""

    certificates: tuple[x509.Certificate, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, reader: PdfFileReader) -> "Embedded":
        """Read the latest store; entries that cannot be parsed are said to be so."""
        try:
            return cls(
                tuple(map(x509.Certificate.load, _entries(reader, "/Certs", DecodePurpose.CERTIFICATE))),
                tuple(map(ocsp.OCSPResponse.load, _entries(reader, "/OCSPs", DecodePurpose.OCSP_RESPONSE))),
                tuple(map(crl.CertificateList.load, _entries(reader, "/CRLs", DecodePurpose.CRL))),
            )
        except Exception:  # noqa: BLE001 - 壊れた証拠は、無いものとして扱い、そのことを伝える
            return cls(problems=("埋め込まれた検証情報（DSS）を読み取れません。",))

    def context(self, trust: Trust, *, at: datetime, demand: bool) -> ValidationContext:
        """Build a context as of a moment; `demand` asks revocation data of every certificate."""
        return ValidationContext(
            trust_roots=list(trust.roots),
            other_certs=list(self.certificates),
            moment=at,
            allow_fetching=False,
            revocation_mode="require" if demand else "soft-fail",
            retroactive_revinfo=True,
            ocsps=list(self.ocsps),
            crls=list(self.crls),
        )


def _entries(reader: PdfFileReader, key: str, purpose: DecodePurpose) -> Iterator[bytes]:
    store = reader.root["/DSS"] if "/DSS" in reader.root else generic.DictionaryObject()
    listed = store[key] if key in store else generic.ArrayObject()
    if len(listed) > MOST_ENTRIES:
        raise ValueError("too much evidence")
    for entry in listed:
        yield entry.get_object().read_data(purpose)


def certificates_of(path: ValidationPath | None) -> tuple[x509.Certificate, ...]:
    """Return a path's certificates from the signer to the root."""
    if path is None:
        return ()
    return tuple(each for each in path if isinstance(each, x509.Certificate))[::-1]


def describe(certificates: tuple[x509.Certificate, ...]) -> tuple[CertificateReport, ...]:
    """Return what people are shown of a chain."""
    return tuple(
        CertificateReport(
            subject=name_of(each),
            issuer=str(each.issuer.human_friendly),
            serial=format(each.serial_number, "x"),
            not_before=each.not_valid_before,
            not_after=each.not_valid_after,
            sha256=each.sha256.hex(),
        )
        for each in certificates
    )


def expired_at(certificates: tuple[x509.Certificate, ...], at: datetime) -> bool:
    """Tell whether any certificate of a chain is outside its validity."""
    return any(not each.not_valid_before <= at <= each.not_valid_after for each in certificates)
