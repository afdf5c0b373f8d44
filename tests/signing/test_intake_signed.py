"""すでに電子署名のあるファイル。市が認めたときだけ、一バイトも変えずに署名を重ねる。"""

from dataclasses import replace
from io import BytesIO

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from config.embedded import pki as authority
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import hostile
from .conftest import Grown, approval, approve
from .intake_help import admitted, refusal


def _signed_elsewhere(pki: authority.PkiPaths, pdf: bytes, **options: object) -> bytes:
    """Sign with another program, without timestamp or evidence."""
    signer = signers.SimpleSigner.load_pkcs12(pki.pkcs12, passphrase=pki.passphrase.read_bytes().strip())
    assert signer is not None
    field = fields.SigFieldSpec("Other", **options.pop("field", {}))  # type: ignore[arg-type]
    metadata = signers.PdfSignatureMetadata(field_name="Other", **options)  # type: ignore[arg-type]
    pen = signers.PdfSigner(metadata, signer=signer, new_field_spec=field)
    signed: bytes = pen.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue()
    return signed


def test_a_signed_file_is_refused_unless_the_city_accepts_them(concluded: Grown):
    assert refusal(concluded.pdf) == "signed"


def test_a_concluded_contract_is_kept_as_it_is_and_its_signers_are_named(concluded: Grown, trust: Trust):
    taken = admitted(concluded.pdf, trust=trust)

    assert taken.content == concluded.pdf
    assert taken.accepted.changes == ()
    assert taken.accepted.signed_fields == ("FIELD_2336416_0", "FIELD_2336416_1")
    assert any("署名を重ねます" in warning for warning in taken.accepted.warnings)


def test_both_the_old_and_the_new_signatures_are_valid_afterwards(concluded: Grown, sealer: Sealer, trust: Trust):
    taken = admitted(concluded.pdf, trust=trust)

    again = approve(sealer, taken.content, replace(approval(), document="77"), final=True)

    report = verify(again.pdf, trust=trust, expected_fields=[*taken.accepted.signed_fields, "FIELD_77_0"])
    assert (report.verdict, report.problems) == ("VALID", ())
    assert again.pdf.startswith(concluded.pdf)


def test_a_signature_that_is_broken_is_never_signed_over(concluded: Grown, trust: Trust):
    at = concluded.pdf.index(b"/MediaBox")

    tampered = concluded.pdf[:at] + concluded.pdf[at:].replace(b"/MediaBox", b"/MediaBoy", 1)

    assert refusal(tampered, trust=trust) in {"signed_broken", "damaged"}


def test_what_was_added_after_the_last_signature_is_noticed(concluded: Grown, trust: Trust):
    start = int(concluded.pdf[concluded.pdf.rindex(b"startxref") :].split()[1])
    added = b"%d 0 obj\n<</Title(x)>>\nendobj\n"

    assert refusal(concluded.pdf + added % start, trust=trust) == "foreign"


def test_a_signature_nobody_here_trusts_is_refused(concluded: Grown, stranger: authority.PkiPaths):
    assert refusal(concluded.pdf, trust=Trust.load([stranger.trust_roots])) == "signed_broken"


def test_a_signature_without_a_timestamp_is_refused(pki: authority.PkiPaths, contract: bytes, trust: Trust):
    assert refusal(_signed_elsewhere(pki, contract), trust=trust) == "signed_broken"


@pytest.mark.parametrize(
    "options",
    [
        {"certify": True, "docmdp_permissions": fields.MDPPerm.NO_CHANGES},
        {"field": {"field_mdp_spec": fields.FieldMDPSpec(fields.FieldMDPAction.ALL)}},
        {"field": {"field_mdp_spec": fields.FieldMDPSpec(fields.FieldMDPAction.EXCLUDE, ["Nobody"])}},
        {
            "field": {
                "field_mdp_spec": fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, ["Nobody"]),
                "doc_mdp_update_value": fields.MDPPerm.NO_CHANGES,
            }
        },
    ],
    ids=["DocMDP 1", "FieldMDP All", "FieldMDP Exclude", "Lock P 1"],
)
def test_a_signature_that_forbids_others_is_respected(
    options: dict[str, object], pki: authority.PkiPaths, contract: bytes, trust: Trust
):
    assert refusal(_signed_elsewhere(pki, contract, **options), trust=trust) == "signed_locked"


@pytest.mark.parametrize("change", [hostile.opening_script, hostile.field, hostile.layer])
def test_what_could_not_be_mended_without_breaking_the_signature_is_refused(
    change: hostile.Change, pki: authority.PkiPaths, trust: Trust
):
    assert refusal(_signed_elsewhere(pki, hostile.pdf(change)), trust=trust) == "signed_unfit"
