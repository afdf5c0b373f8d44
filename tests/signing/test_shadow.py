"""署名の前に仕込み、後から表に出す手口（shadow attacks）は、仕込みが完全でも見つかる。"""

import re
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.pdf.file import File
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import altering
from .altering import Update, dictionary, first_page, stream, updated
from .conftest import approval, approve
from .test_altered import codes


@pytest.fixture(autouse=True)
def unguarded(monkeypatch: pytest.MonkeyPatch):
    """Let the sealer sign over what its own check would refuse, as another program would."""
    monkeypatch.setattr("signing.sealable._refusal", lambda *_asked: "")


class Attack:
    """Prepare, have the first party sign, reveal, have the second party sign."""

    def __init__(self, sealer: Sealer, trust: Trust) -> None:
        self.sealer = sealer
        self.trust = trust

    def codes(self, prepared: bytes, reveal: Update) -> set[str]:
        signed = approve(self.sealer, prepared, approval(0), final=False)
        assert verify(signed.pdf, trust=self.trust).verdict == "VALID"
        sealed = approve(self.sealer, updated(signed.pdf, reveal), approval(1), final=True)
        report = verify(sealed.pdf, trust=self.trust)
        assert report.verdict == "INVALID"
        assert [each.verdict for each in report.signatures] == ["INVALID", "VALID"]
        return codes(report)


@pytest.fixture
def attack(sealer: Sealer, trust: Trust) -> Attack:
    return Attack(sealer, trust)


def test_hide_a_covering_picture_is_taken_away(attack: Attack, contract: bytes):
    places: list[int] = []

    def cover(writer: IncrementalPdfFileWriter) -> None:
        ref = writer.add_object(stream(b"1 g 0 0 600 900 re f"))
        places.append(ref.idnum)
        page = first_page(writer)
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), ref])
        writer.update_container(page)

    def uncover(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, places[0])] = stream(b"")

    assert attack.codes(updated(contract, cover), uncover) == {"changed"}


def test_replace_a_form_field_gets_another_value(attack: Attack, contract: bytes):
    def field(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/AcroForm"] = dictionary(
            Fields=generic.ArrayObject([writer.add_object(altering.text_field("金 1,000円"))])
        )
        writer.update_root()

    def refill(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field["/V"] = pdf_string("金 9,000円")
        writer.update_container(field)

    assert attack.codes(updated(contract, field), refill) == {"changed"}


def plain(contract: bytes) -> bytes:
    """Return the contract with a classic table, which is easy to write by hand."""
    output = BytesIO()
    with pikepdf.open(BytesIO(contract)) as pdf:
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return output.getvalue()


def with_entry(pdf: bytes, number: int, entry: bytes) -> bytes:
    """Append nothing but a table of one entry."""
    file = File(pdf)
    root, information = file.trailer()["Root"].number, file.trailer()["Info"].number
    table = b"xref\n%d 1\n%s \ntrailer\n" % (number, entry)
    table += b"<</Root %d 0 R/Info %d 0 R/Size %d/Prev %d>>\n" % (root, information, file.size, file.startxref)
    return pdf + table + b"startxref\n%d\n%%%%EOF\n" % len(pdf)


def test_hide_and_replace_an_older_page_comes_back_by_the_table_alone(sealer: Sealer, trust: Trust, contract: bytes):
    """Nothing is written but a table that points back at an object inside the signed bytes."""
    original = plain(contract)
    ref, page = File(original).first_page()

    def restore(writer: IncrementalPdfFileWriter) -> None:
        page_now = first_page(writer)
        page_now["/Contents"] = generic.IndirectObject(page["Contents"].number, 0, writer.prev)
        writer.update_container(page_now)

    evil = updated(original, altering.page_content)
    signed = approve(sealer, updated(evil, restore), approval(0), final=False).pdf
    assert verify(signed, trust=trust).verdict == "VALID"
    switched = with_entry(signed, ref.number, b"%010d 00000 n" % File(evil).span(ref.number)[0])
    assert File(switched).first_page()[1] != page

    bare = verify(switched, trust=trust)
    covered = verify(approve(sealer, switched, approval(1), final=True).pdf, trust=trust)

    assert (bare.verdict, covered.verdict) == ("INVALID", "INVALID")
    assert codes(covered) == {"changed"}


def test_an_object_taken_out_of_the_table_is_missed(sealer: Sealer, trust: Trust, contract: bytes):
    signed = approve(sealer, plain(contract), approval(0), final=False).pdf
    content = File(signed).first_page()[1]["Contents"].number
    emptied = with_entry(signed, content, b"0000000000 00001 f")
    assert File(emptied).object(content) is None

    report = verify(approve(sealer, emptied, approval(1), final=True).pdf, trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"removed"})


def test_a_prepared_reference_is_filled_in(attack: Attack, contract: bytes):
    def dangle(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        missing = generic.IndirectObject(900, 0, writer.prev)
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), missing])
        writer.update_container(page)

    def fill(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, 900)] = stream(b"0 0 999 999 re f")
        writer._lastobj_id = 900

    assert attack.codes(updated(contract, dangle), fill) == {"changed", "shadowed"}


def test_a_prepared_reference_is_filled_in_by_what_is_allowed(sealer: Sealer, trust: Trust, contract: bytes):
    """The page names a number that the second signature's own evidence will get: 'evidence' becomes content."""
    first = approve(sealer, contract, approval(0), final=False)
    second = approve(sealer, first.pdf, approval(1), final=True)
    store = File(second.pdf).changed(2)
    aim = max(number for number in store if isinstance(File(second.pdf).object(number, 2), dict))

    def dangle(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        page["/Contents"] = generic.ArrayObject(
            [page.raw_get("/Contents"), *(generic.IndirectObject(aim + n, 0, writer.prev) for n in range(-6, 20))]
        )
        writer.update_container(page)

    prepared = approve(sealer, updated(contract, dangle), approval(0), final=False)
    report = verify(approve(sealer, prepared.pdf, approval(1), final=True).pdf, trust=trust)

    assert report.verdict == "INVALID"
    assert "shadowed" in codes(report)


def test_evidence_that_is_also_page_content_may_not_grow(attack: Attack, contract: bytes):
    """The store's array is at the same time the page's list of contents: adding 'evidence' would add content."""

    def alias(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        shared = writer.add_object(generic.ArrayObject([page.raw_get("/Contents")]))
        page["/Contents"] = shared
        writer.update_container(page)
        writer.root["/DSS"] = writer.add_object(dictionary(VRI=dictionary(X=shared)))
        writer.update_root()

    def grow(writer: IncrementalPdfFileWriter) -> None:
        contents = first_page(writer)["/Contents"]
        contents.append(writer.add_object(stream(b"0 0 999 999 re f")))
        writer.update_container(contents)

    assert attack.codes(updated(contract, alias), grow) == {"changed"}


def test_metadata_that_is_also_page_content_may_not_change(attack: Attack, contract: bytes):
    """Between the marks of its comments, a packet can hold drawing commands that no reader of metadata sees."""

    def alias(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        metadata = writer.root.raw_get("/Metadata")
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), metadata])
        writer.update_container(page)

    def draw(writer: IncrementalPdfFileWriter) -> None:
        packet = writer.root["/Metadata"]
        changed = re.sub(rb"(<\?xpacket end)", rb"<!--\n0 0 999 999 re f\n-->\1", packet.data)
        writer.objects[(0, writer.root.raw_get("/Metadata").idnum)] = generic.StreamObject(
            {pdf_name("/Type"): pdf_name("/Metadata")}, stream_data=changed
        )

    assert "changed" in attack.codes(updated(contract, alias), draw)
