"""時計を進めて判定する: 延長した文書は時刻の鎖で、延長しなかった文書は判定不能になる。"""

import warnings
from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import cms, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ExtendedKeyUsage, ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.trust import Trust
from signing.verification import verify

from . import altering
from .altering import dictionary, generic, pdf_name, stream
from .little_pki import Party
from .test_altered import codes

ROOT = Party("Root", authority=True, years=40)
CA = Party("CA", ROOT, authority=True, years=40)
SIGNER = Party("Signer", CA, years=5)
STAMPING = ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
FIRST_TSA = Party("TSA", CA, STAMPING, years=10, rsa_key=True)
SECOND_TSA = Party("TSA 2", CA, STAMPING, years=20, rsa_key=True)


def moment(year: int) -> datetime:
    return datetime(year, 3, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust((x509.Certificate.load(ROOT.der),))


def key_of(party: Party) -> keys.PrivateKeyInfo:
    plain = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return keys.PrivateKeyInfo.load(party.key.private_bytes(*plain))


def authority(party: Party, at: datetime) -> DummyTimeStamper:
    return DummyTimeStamper(x509.Certificate.load(party.der), key_of(party), fixed_dt=at)


def sign(pdf: bytes, at: datetime, by: Party = SIGNER, tsa: Party = FIRST_TSA) -> bytes:
    signer = signers.SimpleSigner(x509.Certificate.load(by.der), key_of(by), SimpleCertificateStore())
    metadata = signers.PdfSignatureMetadata(field_name="署名", subfilter=SigSeedSubFilter.PADES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return signers.sign_pdf(
            altering.Quiet(BytesIO(pdf)), metadata, signer=signer, timestamper=authority(tsa, at)
        ).getvalue()


def stamp(pdf: bytes, tsa: Party, at: datetime, name: str) -> bytes:
    stamper = signers.PdfTimeStamper(authority(tsa, at), field_name=name)
    return stamper.timestamp_pdf(altering.Quiet(BytesIO(pdf)), "sha256").getvalue()


def prove(pdf: bytes, *lists: bytes) -> bytes:
    """Add certificates and revocation lists."""

    def write(writer: IncrementalPdfFileWriter) -> None:
        old = writer.root["/DSS"]["/CRLs"] if "/DSS" in writer.root else []
        kept = [*list.__iter__(old), *(writer.add_object(stream(each)) for each in lists)]
        own = [writer.add_object(stream(each.der)) for each in (CA, FIRST_TSA, SECOND_TSA)]
        store = dictionary(Certs=generic.ArrayObject(own), CRLs=generic.ArrayObject(kept))
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return altering.updated(pdf, write)


def lists(year: int, *revoked: tuple[Party, datetime, ReasonFlags | None]) -> tuple[bytes, bytes]:
    return ROOT.crl(since=moment(year), days=90), CA.crl(*revoked, since=moment(year), days=90)


@pytest.fixture(scope="module")
def concluded(contract: bytes) -> bytes:
    return stamp(prove(sign(contract, moment(2026)), *lists(2026)), FIRST_TSA, moment(2026), "一")


def renewed(pdf: bytes, year: int, *revoked: tuple[Party, datetime, ReasonFlags | None]) -> bytes:
    return stamp(prove(pdf, *lists(year, *revoked)), SECOND_TSA, moment(year), "二")


@pytest.mark.parametrize(
    ("year", "verdict"), [(2026, "VALID"), (2029, "VALID"), (2035, "VALID"), (2037, "INDETERMINATE")]
)
def test_a_file_that_is_not_renewed_lasts_as_long_as_its_timestamp(
    year: int, verdict: str, concluded: bytes, trust: Trust
):
    report = verify(concluded, trust=trust, at=moment(year).replace(month=4))

    assert report.verdict == verdict
    assert report.level == ("PAdES-B-LTA" if verdict == "VALID" else "PAdES-B-T")
    assert codes(report) == (set() if verdict == "VALID" else {"timestamp_expired", "timestamp.timestamp_expired"})


@pytest.mark.parametrize("year", [2036, 2040, 2045])
def test_a_renewed_file_is_judged_by_its_chain_of_timestamps(year: int, concluded: bytes, trust: Trust):
    report = verify(renewed(concluded, 2035), trust=trust, at=moment(year))

    assert (report.verdict, report.level, codes(report)) == ("VALID", "PAdES-B-LTA", set())
    assert [each.verdict for each in report.timestamps] == ["VALID", "VALID"]


def test_a_renewed_file_ends_with_its_last_timestamp(concluded: bytes, trust: Trust):
    report = verify(renewed(concluded, 2035), trust=trust, at=moment(2047))

    assert report.verdict == "INDETERMINATE"
    assert "timestamp_expired" in codes(report)


def test_a_renewal_that_came_too_late_proves_nothing(concluded: bytes, trust: Trust):
    report = verify(renewed(concluded, 2037), trust=trust, at=moment(2040))

    assert report.verdict == "INDETERMINATE"
    assert [each.verdict for each in report.timestamps] == ["INDETERMINATE", "VALID"]


def test_a_timestamps_key_that_leaked_before_the_renewal_proves_nothing(concluded: bytes, trust: Trust):
    leaked = (FIRST_TSA, moment(2030), ReasonFlags.key_compromise)
    stopped = (FIRST_TSA, moment(2030), ReasonFlags.superseded)

    assert verify(renewed(concluded, 2035, leaked), trust=trust, at=moment(2036)).verdict == "INVALID"
    assert verify(renewed(concluded, 2035, stopped), trust=trust, at=moment(2036)).verdict == "VALID"


def test_a_signers_key_stopped_after_the_signature_changes_nothing(concluded: bytes, trust: Trust):
    later = (SIGNER, moment(2027), ReasonFlags.key_compromise)
    before = (SIGNER, datetime(2026, 2, 1, tzinfo=UTC), None)

    assert verify(renewed(concluded, 2029, later), trust=trust, at=moment(2030)).verdict == "VALID"
    report = verify(renewed(concluded, 2029, before), trust=trust, at=moment(2030))
    assert (report.verdict, report.signatures[0].problems[0].code) == ("INVALID", "revoked")


def test_a_timestamp_from_the_future_is_doubted(concluded: bytes, trust: Trust):
    report = verify(concluded, trust=trust, at=datetime(2026, 2, 1, tzinfo=UTC))

    assert report.verdict == "INDETERMINATE"
    assert "time_order" in codes(report)


def test_keys_are_used_for_what_they_are_for(contract: bytes, trust: Trust):
    server = Party("Server", CA, ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
    no_tsa = Party("No TSA", CA, rsa_key=True)
    at = moment(2026)

    by_server = verify(prove(sign(contract, at, by=server), *lists(2026)), trust=trust, at=at)
    by_anybody = verify(prove(sign(contract, at, tsa=no_tsa), *lists(2026)), trust=trust, at=at)

    assert (by_server.verdict, codes(by_server)) == ("INDETERMINATE", {"usage", "uncovered_evidence"})
    assert (by_anybody.verdict, codes(by_anybody)) == ("INDETERMINATE", {"timestamp.usage", "uncovered_evidence"})


def test_a_certificate_exchanged_for_its_twin_is_noticed(contract: bytes, trust: Trust):
    """The same key, name and number, but another validity: the signature names the one it was made with."""
    signed = sign(contract, moment(2026))
    made = cms.ContentInfo.load(altering.container(signed))
    made["content"]["certificates"] = [x509.Certificate.load(SIGNER.twin(CA))]

    report = verify(altering.with_container(signed, made.dump(force=True)), trust=trust, at=moment(2026))

    assert report.verdict == "INVALID"
    assert "wrong_certificate" in codes(report)


def test_a_signature_over_something_else_is_no_signature_of_a_document(contract: bytes, trust: Trust):
    """The signed attributes say that a timestamp was signed: they could come from there."""
    signed = sign(contract, moment(2026))

    def resign(info: cms.SignerInfo) -> None:
        for each in info["signed_attrs"]:
            if each["type"].native == "content_type":
                each["values"] = ["tst_info"]
        attributes = info["signed_attrs"].untag().dump(force=True)
        info["signature"] = SIGNER.key.sign(attributes, ec.ECDSA(hashes.SHA256()))

    report = verify(altering.remade(signed, resign), trust=trust, at=moment(2026))

    assert "malformed" in codes(report)
