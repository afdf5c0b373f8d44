"""どの道具のファイルに署名しても、どの版も、ほかの実装から見て有効で、見た目は元のまま。"""

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
    path = tmp_path / "signed.pdf"
    pictures = []
    for number, (revision, said) in enumerate(zip(revisions, witnesses.SAID_BY_MUPDF, strict=True)):
        path.write_bytes(revision)
        pictures.append([draw(path) for draw in witnesses.READERS.values()])
        assert witnesses.pdfsig(path).count("Signature Validation: Signature is Valid.") == number
        assert witnesses.mutool(path) == said
    witnesses.qpdf(path)
    assert pictures[0] == pictures[1] == pictures[2]
    assert all(len(set(each)) > 2 for each in pictures[0])
    assert witnesses.openssl(revisions[2], pki, tmp_path) == ["cms", "cms", "ts"]
    assert witnesses.tokens(revisions[2], pki, tmp_path) == 2
