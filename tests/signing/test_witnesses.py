"""出来上がった文書を、ほかの実装がどう見るか。"""

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from config.embedded import pki as authority
from signing.sealing import Sealer
from signing.standing import Standing
from signing.trust import Trust
from signing.verification import verify

from . import witnesses
from .conftest import approval, sealer_of
from .test_update import SHAPES

LAST = 4


@pytest.fixture(scope="module", params=["signer.p12", "p256.p12"], ids=["RSA-3072", "P-256"])
def signed_by(request: pytest.FixtureRequest, pki: authority.PkiPaths) -> Sealer:
    return sealer_of(pki, pkcs12=request.param)


@pytest.fixture(scope="module", params=SHAPES)
def revisions(request: pytest.FixtureRequest, signed_by: Sealer, contract: bytes) -> list[bytes]:
    """Let five parties approve; return the document after each of them, the last with its document timestamp."""
    shape: Callable[[bytes], bytes] = SHAPES[request.param]
    whole = shape(contract)
    source: Standing | bytes = whole
    found = []
    for step in range(LAST + 1):
        sealed = signed_by.approve(source, approval(step), final=step == LAST)
        source, whole = sealed.standing, whole + sealed.tail
        found.append(whole)
    return found


def test_our_own_verification_passes_every_revision(revisions: list[bytes], trust: Trust):
    reports = [verify(each, trust=trust) for each in revisions]

    assert [each.verdict for each in reports] == ["VALID"] * 5
    assert [each.level for each in reports] == ["PAdES-B-LT"] * 4 + ["PAdES-B-LTA"]
    assert [len(each.signatures) for each in reports] == [1, 2, 3, 4, 5]


def test_pyhanko_passes_every_signature_for_the_long_term(revisions: list[bytes], trust: Trust):
    assert witnesses.pyhanko(revisions[-1], trust) == ["AdESPassed.OK"] * 5


def test_openssl_verifies_signatures_and_tokens(revisions: list[bytes], pki: authority.PkiPaths, tmp_path: Path):
    assert witnesses.openssl(revisions[0], pki, tmp_path) == ["cms"]
    assert witnesses.openssl(revisions[-1], pki, tmp_path) == ["cms"] * 5 + ["ts"]
    assert witnesses.tokens(revisions[-1], pki, tmp_path) == 5


@pytest.mark.parametrize("step", [0, 1, LAST])
def test_poppler_says_every_signature_is_valid(step: int, revisions: list[bytes], tmp_path: Path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(revisions[step])

    shown = witnesses.pdfsig(path)

    assert shown.count("Signature Validation: Signature is Valid.") == step + 1
    assert shown.count("Signature Type: ETSI.CAdES.detached") == step + 1
    assert shown.count("Total document signed") == 1
    assert shown.rindex("Total document signed") > max(
        found.start() for found in re.finditer(r"Signature #\d+:", shown)
    )


def test_qpdf_finds_no_error(revisions: list[bytes], tmp_path: Path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(revisions[-1])

    witnesses.qpdf(path)


def test_every_revision_looks_the_same(revisions: list[bytes], tmp_path: Path):
    pictures = [_picture(each, tmp_path) for each in (revisions[0], revisions[-1])]

    assert pictures[0] == pictures[1]
    assert len(set(pictures[0])) > 1


def _picture(pdf: bytes, directory: Path) -> bytes:
    path = directory / "shown.pdf"
    path.write_bytes(pdf)
    command = ["pdftoppm", "-r", "50", "-f", "1", "-l", "1", str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_flipped_byte_is_noticed_by_the_witnesses_too(
    revisions: list[bytes], pki: authority.PkiPaths, tmp_path: Path
):
    broken = bytearray(revisions[0])
    broken[broken.index(b"/Reason") + 20] ^= 1

    with pytest.raises(AssertionError):
        witnesses.openssl(bytes(broken), pki, tmp_path)


def test_the_signature_names_its_algorithm(revisions: list[bytes], signed_by: Sealer):
    with pikepdf.open(BytesIO(revisions[0])) as pdf:
        container = bytes(pdf.Root.AcroForm.Fields[0].V.Contents)

    rsa, ecdsa = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a8648ce3d040302")
    assert (ecdsa if signed_by._key.algorithm == "ecdsa-sha256" else rsa) in container
