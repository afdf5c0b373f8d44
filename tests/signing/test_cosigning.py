"""ほかの人の署名がすでにある文書に、署名を重ねる。"""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from config.embedded import pki as authority
from signing.sealing import Sealer, SealingRefused
from signing.trust import Trust
from signing.verification import verify

from .conftest import approval, approve

Sign = Callable[..., bytes]


@pytest.fixture(scope="module")
def sign(pki: authority.PkiPaths) -> Sign:
    """Sign as somebody else's program does."""
    signer = signers.SimpleSigner.load_pkcs12(str(pki.pkcs12), passphrase=pki.passphrase.read_bytes())

    def signed(pdf: bytes, *, spec: SigFieldSpec | None = None, **options: object) -> bytes:
        metadata = signers.PdfSignatureMetadata(field_name="相手", **options)
        return signers.sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer, new_field_spec=spec
        ).getvalue()

    return signed


def intact(pdf: bytes, trust: Trust) -> list[bool]:
    context = ValidationContext(trust_roots=list(trust.roots), allow_fetching=False)
    found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    statuses = [validate_pdf_signature(each, context) for each in found]
    return [each.intact and each.valid and each.docmdp_ok for each in statuses]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"certify": True, "docmdp_permissions": MDPPerm.FILL_FORMS},
        {"certify": True, "docmdp_permissions": MDPPerm.ANNOTATE},
        {"spec": SigFieldSpec("相手", field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, ["金額"]))},
    ],
    ids=["approval", "certified, forms", "certified, notes", "locks one field"],
)
def test_an_earlier_signature_stays_valid(options: dict, sign: Sign, sealer: Sealer, contract: bytes, trust: Trust):
    signed = sign(contract, **options)

    grown = approve(sealer, approve(sealer, signed, approval(0), final=False).pdf, approval(1), final=True)

    assert grown.pdf.startswith(signed)
    assert intact(grown.pdf, trust) == [True, True, True]


@pytest.mark.parametrize(
    "options",
    [
        {"certify": True, "docmdp_permissions": MDPPerm.NO_CHANGES},
        {"spec": SigFieldSpec("相手", field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL))},
        {"spec": SigFieldSpec("相手", field_mdp_spec=FieldMDPSpec(FieldMDPAction.EXCLUDE, ["備考"]))},
        {
            "spec": SigFieldSpec(
                "相手",
                field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, ["金額"]),
                doc_mdp_update_value=MDPPerm.NO_CHANGES,
            )
        },
    ],
    ids=["certified, nothing", "locks all fields", "locks all but one", "locks the document"],
)
def test_a_locked_document_is_refused(options: dict, sign: Sign, sealer: Sealer, contract: bytes):
    with pytest.raises(SealingRefused, match="変更を禁じられた"):
        sealer.approve(sign(contract, **options), approval(), final=False)


def test_usage_rights_are_not_broken(sealer: Sealer, contract: bytes):
    with pikepdf.open(BytesIO(contract)) as pdf:
        pdf.Root.Perms = pikepdf.Dictionary(UR3=pikepdf.Dictionary(Type=pikepdf.Name.Sig))
        output = BytesIO()
        pdf.save(output)

    with pytest.raises(SealingRefused, match="変更を禁じられた"):
        sealer.approve(output.getvalue(), approval(), final=False)


def test_evidence_of_others_is_kept(sign: Sign, sealer: Sealer, contract: bytes, trust: Trust):
    signed = approve(sealer, contract, approval(0), final=True).pdf
    with pikepdf.open(BytesIO(signed)) as pdf:
        before = [bytes(each.read_bytes()) for each in pdf.Root.DSS.Certs]

    grown = approve(sealer, signed, approval(1), final=True)

    with pikepdf.open(BytesIO(grown.pdf)) as pdf:
        assert [bytes(each.read_bytes()) for each in pdf.Root.DSS.Certs] == before
    assert verify(grown.pdf, trust=trust).level == "PAdES-B-LTA"
