"""ほかの道具が署名した PDF も、筋の通った判定になる。"""

import os
import subprocess
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext

from config.embedded import pki as authority
from signing.trust import Trust
from signing.verification import verify

from . import altering
from .test_altered import codes

Sign = Callable[..., bytes]


@pytest.fixture(scope="module")
def sign(pki: authority.PkiPaths, trust: Trust) -> Sign:
    """Sign as pyHanko does by default: it also rewrites the properties, and adds evidence in a revision of its own."""
    signer = signers.SimpleSigner.load_pkcs12(str(pki.pkcs12), passphrase=pki.passphrase.read_bytes())
    known = Trust.load([pki.trust_roots], [pki.chain])

    def signed(
        pdf: bytes, name: str = "相手", *, level: str = "B-B", spec: SigFieldSpec | None = None, **options: object
    ) -> bytes:
        embed = level in {"B-LT", "B-LTA"}
        context = ValidationContext(
            trust_roots=list(known.roots), other_certs=list(known.intermediates), allow_fetching=True
        )
        metadata = signers.PdfSignatureMetadata(
            field_name=name,
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=embed,
            use_pades_lta=level == "B-LTA",
            validation_context=context if embed else None,
            **options,
        )
        stamper = timestamps.HTTPTimeStamper(pki.tsa_url) if level != "B-B" else None
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return signers.sign_pdf(
                writer, metadata, signer=signer, timestamper=stamper, new_field_spec=spec
            ).getvalue()

    return signed


@pytest.mark.parametrize(
    ("level", "verdict", "reached", "found"),
    [
        ("B-B", "INDETERMINATE", "PAdES-B-B", {"no_timestamp", "no_revocation"}),
        ("B-T", "INDETERMINATE", "PAdES-B-T", {"no_revocation", "timestamp.no_revocation"}),
        ("B-LT", "INDETERMINATE", "PAdES-B-LT", {"uncovered_evidence"}),
        ("B-LTA", "INDETERMINATE", "PAdES-B-LT", {"uncovered_evidence"}),
    ],
)
def test_every_level_of_pyhanko_is_recognised(
    level: str, verdict: str, reached: str, found: set[str], sign: Sign, contract: bytes, trust: Trust
):
    report = verify(sign(contract, level=level), trust=trust)

    assert (report.verdict, report.level, codes(report)) == (verdict, reached, found)
    assert report.signatures[0].intact
    assert report.signatures[0].trusted


def test_properties_rewritten_by_the_next_signer_do_not_count(sign: Sign, contract: bytes, trust: Trust):
    """The date of change and the producer's name change by themselves, in /Info and in XMP."""
    report = verify(sign(sign(contract, level="B-T"), "次の人", level="B-LTA"), trust=trust)

    assert (report.verdict, codes(report)) == ("INDETERMINATE", {"uncovered_evidence"})
    assert [each.verdict for each in report.signatures] == ["VALID", "VALID"]


def test_a_title_rewritten_by_the_next_signer_counts(sign: Sign, contract: bytes, trust: Trust):
    retitled = altering.updated(sign(contract, level="B-T"), altering.title, quiet=False)

    report = verify(sign(retitled, "次の人", level="B-LTA"), trust=trust)

    assert report.verdict == "INVALID"
    assert [each.verdict for each in report.signatures] == ["INVALID", "VALID"]
    assert "metadata_changed" in codes(report)


def test_a_visible_signature_added_later_must_be_looked_at(sign: Sign, contract: bytes, trust: Trust):
    spec = SigFieldSpec("次の人", box=(100, 100, 300, 200))

    report = verify(sign(sign(contract, level="B-LTA"), "次の人", level="B-LTA", spec=spec), trust=trust)

    assert report.verdict == "INDETERMINATE"
    assert "visible_signature" in codes(report)


@pytest.mark.parametrize(
    ("options", "locked"),
    [
        ({"certify": True, "docmdp_permissions": MDPPerm.NO_CHANGES}, True),
        ({"certify": True, "docmdp_permissions": MDPPerm.FILL_FORMS}, False),
        ({"spec": SigFieldSpec("相手", field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL))}, True),
    ],
    ids=["certified, nothing", "certified, forms", "locks all fields"],
)
def test_a_signature_after_one_that_allows_none_is_noticed(
    options: dict, locked: bool, sign: Sign, contract: bytes, trust: Trust
):
    first = sign(contract, level="B-T", **options)
    # pyHanko は、禁じられた署名を自分からは付けない。禁じる言葉を読めない道具の代わりに、それを見えなくしておく。
    shown = first.replace(b"/DocMDP", b"/DocMDX").replace(b"/Perms", b"/Permx") if locked else first
    second = sign(shown, "次の人", level="B-T")

    report = verify(first + second[len(first) :], trust=trust)

    assert ("locked" in codes(report)) == locked
    assert (report.verdict == "INVALID") == locked


def test_a_signature_of_openssl_is_judged(
    sign: Sign, contract: bytes, pki: authority.PkiPaths, trust: Trust, tmp_path: Path
):
    placed = sign(contract)
    start, end = altering.gap(placed)
    content, made = tmp_path / "content", tmp_path / "signature.der"
    content.write_bytes(placed[:start] + placed[end:])
    subprocess.run(
        ["openssl", "pkcs12", "-in", pki.pkcs12, "-nodes", "-out", tmp_path / "both.pem", "-passin", "env:SECRET"],
        check=True, capture_output=True, env=os.environ | {"SECRET": pki.passphrase.read_text()},
    )  # fmt: skip
    both = str(tmp_path / "both.pem")
    for options, level, found in (
        (["-cades"], "PAdES-B-B", {"no_timestamp", "no_revocation"}),
        ([], "PKCS#7", {"no_timestamp", "no_revocation"}),
        (["-noattr"], "PKCS#7", {"no_timestamp", "no_revocation"}),
        (["-md", "sha1"], "PKCS#7", {"no_timestamp", "no_revocation", "weak_algorithm"}),
        (["-md", "sha512", "-keyopt", "rsa_padding_mode:pss"], "PKCS#7", {"no_timestamp", "no_revocation"}),
    ):
        subprocess.run(
            ["openssl", "cms", "-sign", "-binary", "-in", content, "-outform", "DER", "-out", made,
             "-signer", both, "-inkey", both, "-certfile", pki.chain, *options],
            check=True, capture_output=True,
        )  # fmt: skip
        report = verify(altering.with_container(placed, made.read_bytes()), trust=trust)

        assert (options, report.verdict, report.level, codes(report)) == (options, "INDETERMINATE", level, found)
        assert report.signatures[0].intact


def test_a_signature_of_poppler_is_judged(contract: bytes, pki: authority.PkiPaths, trust: Trust, tmp_path: Path):
    """Poppler signs with NSS, which writes the container in BER."""
    store, received, signed = f"sql:{tmp_path}", tmp_path / "received.pdf", tmp_path / "signed.pdf"
    with pikepdf.open(BytesIO(contract)) as pdf:
        pdf.save(received, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for command in (
        ["certutil", "-N", "-d", store, "--empty-password"],
        ["pk12util", "-i", pki.pkcs12, "-d", store, "-w", pki.passphrase, "-K", ""],
        ["pdfsig", "-nssdir", store, "-add-signature", "-nick", "signer", received, signed],
    ):
        subprocess.run(command, check=True, capture_output=True)
    pdf = signed.read_bytes()

    report = verify(pdf, trust=trust)

    assert (report.verdict, report.level, codes(report)) == (
        "INDETERMINATE", "PKCS#7", {"no_timestamp", "no_revocation"},
    )  # fmt: skip
    assert report.signatures[0].intact
    altered = pdf.replace(b"/MediaBox [ 0 0", b"/MediaBox [ 9 0")
    assert altered != pdf
    assert codes(verify(altered, trust=trust)) >= {"altered"}
