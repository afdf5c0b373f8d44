"""検証の費用は、文書の大きさではなく、署名と変更の数で決まる。敵意のある文書は途中でやめる。"""

from io import BytesIO

import pikepdf
import pytest

from signing.pdf.file import File
from signing.pdf.mentions import Mentions, dangling
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import integrity, verify
from signing.verification.integrity import Document

from . import altering
from .altering import first_page, generic, stream, updated
from .conftest import Grown, approval, approve
from .test_altered import codes
from .test_pdf_file import CATALOG, classic


def with_bookmarks(source: bytes, count: int) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(source)) as pdf:
        with pdf.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(f"第{n}条", 0) for n in range(count))
        pdf.save(output)
    return output.getvalue()


def test_a_contract_of_3000_bookmarks_costs_what_a_short_one_does(
    sealer: Sealer, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    """Other validators give up here, or take minutes."""
    first = approve(sealer, with_bookmarks(contract, 3000), approval(0), final=False)
    concluded = approve(sealer, first.pdf, approval(1), final=True)
    assert File(concluded.pdf).size > 3000
    monkeypatch.setattr(integrity, "MOST_OBJECTS", 300)

    report = verify(concluded.pdf, trust=trust)

    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MOST_OBJECTS", 5), ("MOST_DECODED", 1000), ("MOST_SIGNATURES", 1)],
)
def test_a_file_that_asks_for_too_much_is_left_undecided(
    limit: str, value: int, concluded: Grown, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(integrity, limit, value)

    report = verify(concluded.pdf, trust=trust)

    assert (report.verdict, codes(report)) == ("INDETERMINATE", {"too_large"})


def test_signatures_that_want_the_file_hashed_too_often_are_left_undecided(
    concluded: Grown, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(integrity, "MOST_PASSES", 0)
    monkeypatch.setattr(integrity, "SLACK", 0)

    report = verify(concluded.pdf, trust=trust)

    assert report.verdict == "INDETERMINATE"
    assert codes(report) == {"too_large"}


def test_the_file_is_hashed_once_however_many_signatures_it_has(concluded: Grown):
    document = Document(concluded.pdf)

    assert [each.problem for each in document.signed] == [None, None, None]
    assert document.sha256 == document.revisions[-1].sha256
    spent = integrity.MOST_PASSES * len(concluded.pdf) + integrity.SLACK - document._hashable
    assert spent == sum(each.ranges[3] for each in document.signed) < len(concluded.pdf) // 4


REFERENCES = [
    b"900 0 R", b"900  0\tR", b"900\r\n0\nR", b"900 % note\n0 R", b"900 0 % R\n\n%%\r R", b"0900 00000 R", b"900 5 R",
    b"900" + b" " * 5000 + b"0 R", b"900 %" + b"x" * 5000 + b"\n0 R", b"900%\n0%\nR",
]  # fmt: skip


@pytest.mark.parametrize("written", REFERENCES, ids=range(len(REFERENCES)))
def test_a_reference_is_found_however_it_is_written(written: bytes):
    """What our strict reader refuses is still suspected: other readers may follow it."""
    page = b"<</Type/Page/Contents[ %s ]>>" % written
    pdf = classic(CATALOG, b"<</Kids[3 0 R]>>", page, trailer=b"/Root 1 0 R")

    mentions = Mentions(File(pdf))

    assert mentions._first[900] or mentions._first[-1]


@pytest.mark.parametrize("written", REFERENCES, ids=range(len(REFERENCES)))
def test_a_reference_in_an_object_stream_is_found_however_it_is_written(written: bytes):
    mentions = Mentions(File(classic(CATALOG, b"<</Kids[3 0 R]>>", b"<</Type/Page>>")))

    found = mentions._search_packed(b"<</A 1 0 R/B[ %s ]/C 1 0 R>>" % written)

    assert found[1] == 2
    assert found[900] or found[-1]


@pytest.mark.parametrize("written", [b"(900 0 R)", b"/R 900 0", b"900 0 RG", b"900 0 obj", b"19000 0 R", b"0.900 R"])
def test_what_only_looks_like_a_reference_is_no_mention(written: bytes):
    pdf = classic(CATALOG, b"<</Kids[3 0 R]>>", b"<</Type/Page>>", b"[ %s ]" % written)

    assert not Mentions(File(pdf)).more_than(0, 900, 0) or written.startswith(b"0.")


def test_dangling_references_are_listed(contract: bytes):
    def dangle(writer: altering.IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        page["/Contents"] = generic.ArrayObject(
            [page.raw_get("/Contents"), generic.IndirectObject(900, 0, writer.prev)]
        )
        page["/Other"] = writer.add_object(stream(b""))
        writer.update_container(page)

    assert dangling(File(contract)) == set()
    assert dangling(File(updated(contract, dangle))) == {900}
