"""二人の承認の流れの、どの版も: ほかの実装から見て正しく、どの読み手で見ても元の文書のまま。"""

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from pikepdf import ObjectStreamMode

from config.embedded import pki as authority
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import witnesses
from .conftest import approval, sealer_of
from .test_intake_producers import documents

TABLE, STREAM = ObjectStreamMode.disable, ObjectStreamMode.generate
RSA, EC = "signer.p12", "p256.p12"
WAYS = {
    "RSA-3072、PDF 1.4、表": (RSA, "1.4", TABLE),
    "P-256、PDF 1.5、流れ": (EC, "1.5", STREAM),
    "RSA-3072、PDF 1.6、流れ": (RSA, "1.6", STREAM),
    "P-256、PDF 1.7、表": (EC, "1.7", TABLE),
    "RSA-3072、PDF 2.0、表": (RSA, "2.0", TABLE),
    "P-256、PDF 2.0、流れ": (EC, "2.0", STREAM),
}
Revisions = list[bytes]


@pytest.fixture(scope="module", params=WAYS)
def revisions(request: pytest.FixtureRequest, pki: authority.PkiPaths, contract: bytes, trust: Trust) -> Revisions:
    """Cut the finished file into its versions: the original, the first approval, the second, the document timestamp."""
    pkcs12, version, mode = WAYS[request.param]
    with pikepdf.open(BytesIO(contract)) as opened:
        output = BytesIO()
        opened.save(output, force_version=version, object_stream_mode=mode, fix_metadata_version=False)
    return _cut(output.getvalue(), sealer_of(pki, pkcs12=pkcs12), trust)


def _cut(original: bytes, sealer: Sealer, trust: Trust) -> Revisions:
    first = sealer.approve(original, approval(0), final=False)
    last = sealer.approve(first.standing, approval(1), final=True)
    whole = original + first.tail + last.tail
    told = verify(whole, trust=trust).revisions
    cut = [whole[: each.size] for each in told]
    assert [hashlib.sha256(each).hexdigest() for each in cut] == [each.sha256 for each in told]
    assert (cut[1], cut[3]) == (original + first.tail, whole)
    return cut


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ある版.pdf"


def test_each_revision_reaches_its_level(revisions: Revisions, trust: Trust):
    reports = [verify(each, trust=trust) for each in revisions]

    assert [each.verdict for each in reports] == ["UNSIGNED", "VALID", "VALID", "VALID"]
    assert [each.level for each in reports] == ["", "PAdES-B-LT", "PAdES-B-LT", "PAdES-B-LTA"]


def test_openssl_verifies_each_revision(revisions: Revisions, pki: authority.PkiPaths, tmp_path: Path):
    kinds = [witnesses.openssl(each, pki, tmp_path) for each in revisions]

    assert kinds == [[], ["cms"], ["cms", "cms"], ["cms", "cms", "ts"]]
    assert [witnesses.tokens(each, pki, tmp_path) for each in revisions] == [0, 1, 2, 2]


def test_openssl_verifies_the_evidence_each_revision_carries(
    revisions: Revisions, pki: authority.PkiPaths, tmp_path: Path
):
    kinds = [witnesses.evidence(each, pki, tmp_path) for each in revisions]

    assert kinds == [[], *[["OCSPs", "CRLs", "CRLs"]] * 3]


def test_pyhanko_passes_the_finished_file_for_the_long_term(revisions: Revisions, trust: Trust):
    assert witnesses.pyhanko(revisions[3], trust) == ["AdESPassed.OK"] * 2


def test_poppler_verifies_each_revision(revisions: Revisions, path: Path):
    for number, revision in enumerate(revisions):
        path.write_bytes(revision)
        shown = witnesses.pdfsig(path).split("Signature #")[1:]
        assert len(shown) == number
        assert ["Signature is Valid." in each for each in shown] == [True, True, False][:number]
        assert ["Total document signed" in each for each in shown] == [each == number for each in range(1, number + 1)]


def test_mupdf_verifies_each_revision(revisions: Revisions, path: Path):
    found = [_judged_by_mupdf(path, each) for each in revisions]

    original, first, last = witnesses.SAID_BY_MUPDF
    assert found == [original, first, [witnesses.EDITED, witnesses.UNCHANGED], last]


def _judged_by_mupdf(path: Path, revision: bytes) -> list[str]:
    path.write_bytes(revision)
    return witnesses.mutool(path)


def test_qpdf_finds_no_error_in_any_revision(revisions: Revisions, path: Path):
    for revision in revisions:
        path.write_bytes(revision)
        witnesses.qpdf(path)


def test_every_reader_draws_each_revision_as_the_original(revisions: Revisions, path: Path):
    for draw in witnesses.READERS.values():
        pictures = {_drawn(draw, path, each) for each in revisions}
        assert len(pictures) == 1
        assert len(set(pictures.pop())) > 50


def _drawn(draw: Callable[[Path], bytes], path: Path, revision: bytes) -> bytes:
    path.write_bytes(revision)
    return draw(path)


@pytest.mark.parametrize("hit", [b"/Contents", b"/Reason", b"/MediaBox"])
def test_every_witness_notices_one_changed_byte(
    hit: bytes, contract: bytes, sealer: Sealer, trust: Trust, pki: authority.PkiPaths, path: Path
):
    with pikepdf.open(BytesIO(contract)) as opened:
        output = BytesIO()
        opened.save(output, object_stream_mode=TABLE)
    approved = _cut(output.getvalue(), sealer, trust)[1]
    at = approved.rindex(hit) + len(hit)
    broken = approved[: at + 4] + bytes([approved[at + 4] ^ 1]) + approved[at + 5 :]
    path.write_bytes(broken)

    assert verify(broken, trust=trust).verdict == "INVALID"
    assert "Signature is Valid." not in witnesses.pdfsig(path)
    assert witnesses.UNCHANGED not in witnesses.mutool(path)
    with pytest.raises((AssertionError, ValueError)):
        witnesses.openssl(broken, pki, path.parent)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(original=documents())
def test_any_document_is_signed_so_that_every_witness_agrees(
    original: bytes, sealer: Sealer, trust: Trust, pki: authority.PkiPaths, path: Path
):
    """Over the numbers and sizes of pages, fonts, turns, object streams, PDF 1.4 to 2.0."""
    cut = _cut(original, sealer, trust)

    assert witnesses.openssl(cut[3], pki, path.parent) == ["cms", "cms", "ts"]
    assert _judged_by_mupdf(path, cut[3]) == witnesses.SAID_BY_MUPDF[2]
    assert witnesses.pdfsig(path).count("Signature is Valid.") == 2
    witnesses.qpdf(path)
    with pypdfium2.PdfDocument(cut[3]) as after, pypdfium2.PdfDocument(original) as before:
        assert _texts(after) == _texts(before)


def _texts(document: pypdfium2.PdfDocument) -> list[tuple[object, ...]]:
    return [(page.get_size(), page.get_rotation(), page.get_textpage().get_text_bounded()) for page in document]
