"""どの道具のファイルに署名しても、どの版も、ほかの実装から見て有効で、見た目は元のまま。"""

import subprocess
from pathlib import Path

import pytest

from config.embedded import pki as authority
from signing.sealing import Sealer

from . import producers, witnesses
from .conftest import approval
from .intake_help import admitted


@pytest.mark.parametrize("producer", producers.MADE)
def test_every_revision_is_valid_and_looks_like_the_file_that_was_taken(
    producer: str, sealer: Sealer, pki: authority.PkiPaths, tmp_path: Path
):
    taken = admitted(producers.MADE[producer]()).content

    first = sealer.approve(taken, approval(0), final=False)
    last = sealer.approve(first.standing, approval(1), final=True)

    revisions = [taken, taken + first.tail, taken + first.tail + last.tail]
    pictures = [_pictures(each, tmp_path) for each in revisions]
    assert pictures[0] == pictures[1] == pictures[2]
    assert len(set(pictures[0])) > 2
    assert witnesses.openssl(revisions[2], pki, tmp_path) == ["cms", "cms", "ts"]
    path = tmp_path / "signed.pdf"
    for revision, signatures in zip(revisions[1:], (1, 2), strict=True):
        path.write_bytes(revision)
        witnesses.qpdf(path)
        assert witnesses.pdfsig(path).count("Signature Validation: Signature is Valid.") == signatures


def _pictures(pdf: bytes, directory: Path) -> bytes:
    """Draw every page with poppler."""
    path = directory / "shown.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftoppm", "-r", "40", path], check=True, capture_output=True).stdout
