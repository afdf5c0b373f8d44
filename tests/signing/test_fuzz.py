"""Damaged files at the gate: each is refused in words, or can in fact be sealed. `make fuzz` goes on for longer."""

import os
import resource
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from signing import intake, limits
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import handwritten, hostile, mutating, producers, witnesses
from .conftest import ROOT, Grown, approval, approve
from .intake_help import LIMIT, refusal

COUNT = int(os.environ.get("COUNT", "0"))
SEED = int(os.environ.get("SEED", "1"))
LOTS, CASES = 4, 8
KEPT = ROOT / "var" / "fuzz"
# 門の子は、この秒までに必ず答えるか、止められる。起こして止める手間の分まで数える
BOUND = intake.WALL_SECONDS + 30


class Gate:
    """Bring damaged files to the gate as the product does, one after the other."""

    def __init__(self, corpus: list[bytes], sealer: Sealer, trust: Trust, room: Path) -> None:
        self.corpus, self.sealer, self.trust, self.room = corpus, sealer, trust, room

    def judge(self, seed: int) -> str:
        """Bring one; tells the code of its refusal, or that it was taken and could be sealed."""
        done, data = mutating.mutant(seed, self.corpus)
        try:
            return self._judged(data)
        except Exception as wrong:
            KEPT.mkdir(parents=True, exist_ok=True)
            (KEPT / f"{seed}.pdf").write_bytes(data)
            raise AssertionError(f"種 {seed}（{done}）: {wrong!r}。ファイルは {KEPT / f'{seed}.pdf'}") from wrong

    def _judged(self, data: bytes) -> str:
        began, before = time.monotonic(), _most_used()
        try:
            with intake.admit(data, max_bytes=LIMIT, trust=self.trust) as accepted:
                kept = accepted.kept.path.read_bytes()
        except intake.Refused as refused:
            return _told(refused)
        finally:
            assert time.monotonic() - began < BOUND
            # ほかの試験の子が、先にもっと使ったかもしれない
            assert _most_used() <= max(before, limits.MEMORY_BYTES + limits.MEMORY_PER_BYTE * len(data))
            assert not list(self.room.iterdir()), "門が、作業の場所を残しました"
        return self._sealed(kept, accepted)

    def _sealed(self, kept: bytes, accepted: intake.Accepted) -> str:
        first = approve(self.sealer, kept, approval(0), final=False)
        both = approve(self.sealer, first.pdf, approval(1, "市長 花子", "city@example.jp"), final=True).pdf
        report = verify(both, trust=self.trust)
        assert (report.verdict, report.problems) == ("VALID", ())
        assert len(report.signatures) == 2 + len(accepted.signed_fields)
        path = self.room.parent / "sealed.pdf"
        path.write_bytes(both)
        assert not _complaints(path)
        assert witnesses.pdfsig(path).count("Signature is Valid.") >= 2
        assert set(witnesses.pyhanko(both, self.trust)) == {"AdESPassed.OK"}
        return "changed" if accepted.changes else "as it was"


def _complaints(path: Path) -> list[str]:
    """List what qpdf finds wrong with a file, but for how a page is drawn: whoever signs sees the page."""
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False, text=True)
    ends = "qpdf: operation succeeded with warnings"
    return [line for line in done.stderr.splitlines() if "(content, offset" not in line and line != ends]


def _told(refused: intake.Refused) -> str:
    assert str(refused).endswith("ください。")
    return refused.code


def _most_used() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


@pytest.fixture(scope="session")
def corpus(contract: bytes, concluded: Grown) -> list[bytes]:
    """Sound files to begin with; the ones with signatures differ from run to run, as the keys do."""
    made = [hostile.pdf(static_id=True), handwritten.letter(), handwritten.hybrid(), producers.acrobat_form(), contract]
    plain = [mutating.plain(each) for each in (made[0], made[3], contract)]
    return [*made, *plain, mutating.packed(contract), mutating.packed(made[0]), concluded.pdf]


@pytest.fixture
def gate(corpus, sealer, trust, tmp_path, monkeypatch) -> Gate:
    room = tmp_path / "scratch"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    return Gate(corpus, sealer, trust, room)


@pytest.mark.parametrize("lot", range(LOTS))
def test_a_damaged_file_is_refused_in_words_or_can_be_sealed(gate: Gate, lot: int):
    for number in range(CASES):
        gate.judge(lot * CASES + number)


def _letter(catalog: bytes, page: bytes = b"") -> bytes:
    """Write a page by hand whose catalog or page says one thing more."""
    first = b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog
    values = [first, handwritten.LETTERS[1], handwritten.PAGE[:-2] + page + b">>", handwritten.content(b"0 0 9 9 re f")]
    return handwritten.written(dict(enumerate(values, 1)))


# 見つかったもの: 門は受け取ったのに、署名が書き直す所を読めず、封印できなかった
FOUND = {
    "form is a number": _letter(b"/AcroForm 7"),
    "form is a list": _letter(b"/AcroForm[]"),
    "form is the page": _letter(b"/AcroForm 3 0 R"),
    "form is the root": _letter(b"/AcroForm 1 0 R"),
    "fields are a number": _letter(b"/AcroForm<</Fields 7>>"),
    "extensions are a number": _letter(b"/Extensions 7"),
    "evidence is a number": _letter(b"/DSS 7"),
    "certificates are a number": _letter(b"/DSS<</Certs 7>>"),
    "a certificate is a number": _letter(b"/DSS<</Certs[7]>>"),
    "annotations are a number": _letter(b"", b"/Annots 7"),
}


@pytest.mark.parametrize("kind", FOUND)
def test_what_was_found_stays_mended(kind: str):
    assert refusal(FOUND[kind]) == "damaged"


def test_the_same_seed_damages_a_file_in_the_same_way():
    corpus = [handwritten.letter(), handwritten.hybrid()]

    assert [mutating.mutant(seed, corpus) for seed in range(50)] == [
        mutating.mutant(seed, corpus) for seed in range(50)
    ]


@pytest.mark.skipif(not COUNT, reason="make fuzz が、長く続けます")
def test_as_many_damaged_files_as_asked_for(gate: Gate, capsys):
    verdicts, wrong = Counter[str](), []
    for number in range(COUNT):
        try:
            verdicts[gate.judge(SEED * 1_000_000 + number)] += 1
        except AssertionError as error:
            wrong.append(str(error))
    with capsys.disabled():
        told = "、".join(f"{code} {count}" for code, count in verdicts.most_common())
        print(f"\n{COUNT} 件（種 {SEED}）: {told}。門の子の最大 {_most_used() >> 20} MB")  # noqa: T201
    assert not wrong, "\n".join(wrong)
