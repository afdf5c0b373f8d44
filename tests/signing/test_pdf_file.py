"""どの道具が作った PDF も版の積み重ねとして読め、嘘をつく PDF は読まれない。"""

import mmap
import random
import re
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.pdf.crossref import Plain
from signing.pdf.file import File
from signing.pdf.streams import Budget
from signing.pdf.syntax import Broken, Ref, TooLarge

from .conftest import Grown


def saved(source: bytes, **options: object) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(source)) as pdf:
        pdf.save(output, **options)
    return output.getvalue()


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "as made": bytes,
    "a classic table": lambda pdf: saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "object streams": lambda pdf: saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearized": lambda pdf: saved(pdf, linearize=True),
    "linearized with object streams": lambda pdf: saved(
        pdf, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_first_page_is_found_in_every_shape_of_file(shape: str, contract: bytes):
    pdf = SHAPES[shape](contract)
    file = File(pdf)

    ref, page = file.first_page()

    with pikepdf.open(BytesIO(pdf)) as other:
        expected = other.pages[0]
        assert ref == (expected.objgen[0], 0)
        assert [float(each) for each in page["MediaBox"]] == pytest.approx([float(each) for each in expected.MediaBox])
        assert file.size == int(other.trailer.Size)
    assert (len(file.revisions), file.revisions[0].end, file.encrypted) == (1, len(pdf), False)
    assert file.acroform() is None
    assert list(file.fields()) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_every_object_is_the_one_other_readers_see(shape: str, contract: bytes):
    pdf = SHAPES[shape](contract)
    file, other = File(pdf), PdfFileReader(BytesIO(pdf))

    for section in file.revisions[0].sections:
        for number in section.numbers():
            value = file.object(number)
            if isinstance(value, dict):
                assert set(value) == {key[1:] for key in other.get_object(Reference(number, 0, other))}


def test_every_version_is_read_as_it_was(contract: bytes, approved: Grown, concluded: Grown):
    file = File(concluded.pdf)

    assert [each.end for each in file.revisions][::3] == [len(contract), len(concluded.pdf)]
    assert file.revisions[1].end == len(approved.pdf)
    assert [[field.name for field in file.fields(version)] for version in range(4)] == [
        [],
        ["FIELD_2336416_0"],
        ["FIELD_2336416_0", "FIELD_2336416_1"],
        ["FIELD_2336416_0", "FIELD_2336416_1", "TIMESTAMP_2336416_1"],
    ]
    assert {field.kind for field in file.fields()} == {"Sig"}
    assert file.catalog(0) == File(contract).catalog()


def test_a_version_says_which_objects_it_changed(contract: bytes):
    writer = IncrementalPdfFileWriter(BytesIO(contract))
    writer._update_meta = lambda: None
    ref = writer.root["/Pages"]["/Kids"][0]
    writer.update_container(ref)
    output = BytesIO()
    writer.write(output)
    file = File(output.getvalue())

    changed = file.changed(1)

    page, _dictionary = file.first_page()
    assert page.number in changed
    assert isinstance(changed[page.number], Plain)
    start, end = file.span(page.number)
    assert len(contract) <= start < end <= len(output.getvalue())
    assert set(changed) - {page.number} <= set(range(File(contract).size, file.size))


def test_a_file_on_disk_is_read_without_loading_it(concluded: Grown, tmp_path: Path):
    path = tmp_path / "契約書.pdf"
    path.write_bytes(concluded.pdf)
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        file = File(mapped)
        assert file.first_page() == File(concluded.pdf).first_page()
        assert len(file.revisions) == 4
        del file


def hybrid() -> bytes:
    """Make what Word writes: a classic file whose second section hides objects in a cross-reference stream."""
    body = b"%PDF-1.5\n"
    places = {}
    for number, value in {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>"}.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    packed = b"3 0 <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    places[4] = len(body)
    body += b"4 0 obj\n<</Type/ObjStm/N 1/First 4/Length %d>>stream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    rows = b"".join(
        (b"\x02\x00\x00\x04\x00" if n == 3 else b"\x01" + places[n].to_bytes(3, "big") + b"\0") for n in (3, 4)
    )
    hidden = len(body)
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 3 1]/Index[3 2]/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        len(rows),
        rows,
    )
    first = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (places[1], places[2])
    body += b"0000000000 65535 f \n" * 3
    body += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % first
    second = len(body)
    body += b"xref\n0 0\ntrailer\n<</Size 6/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        first,
        hidden,
        second,
    )
    return body


def test_hybrid_files_show_their_hidden_objects():
    file = File(hybrid())

    assert file.first_page()[1]["MediaBox"] == [0, 0, 9, 9]
    assert (file.kind, len(file.revisions), set(file.changed(1))) == ("table", 2, {3, 4})


def classic(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    body, places = b"%PDF-1.7\n", []
    for number, value in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"trailer\n<<%s/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(objects) + 1, start)


CATALOG = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>"


def test_trees_that_bite_their_tail_are_refused():
    pages = File(classic(CATALOG, b"<</Kids[2 0 R]>>", b"<</T(a)/Kids[3 0 R]>>"))

    with pytest.raises(Broken):
        pages.first_page()
    with pytest.raises(Broken):
        list(pages.fields())


def test_fields_have_their_full_names_and_inherited_kinds():
    file = File(classic(CATALOG, b"<<>>", b"<</T(a)/FT/Sig/Kids[4 0 R 5 0 R]>>", b"<</T(b)/V 9>>", b"<</T(c)>>"))

    assert [(each.name, each.kind, each.value) for each in file.fields()] == [("a.b", "Sig", 9), ("a.c", "Sig", None)]


@pytest.mark.parametrize(
    "lie",
    [
        lambda pdf: pdf.replace(b"/Size 4", b"/Size 3"),
        lambda pdf: pdf.replace(b"/Size 4", b"/Size 9999999999"),
        lambda pdf: pdf.replace(b"trailer\n<<", b"trailer\n<</Prev 9 "),
        lambda pdf: pdf.replace(b"trailer\n<<", b"trailer\n<</XRefStm 9 "),
        lambda pdf: re.sub(rb"trailer\n<<(.*startxref\n(\d+))", rb"trailer\n<</Prev \2\1", pdf, flags=re.DOTALL),
        lambda pdf: pdf.replace(b"xref\n0 4", b"xref\n0 4000000"),
        lambda pdf: pdf[: pdf.rindex(b"startxref")],
        lambda pdf: b"\n" + pdf,
    ],
)
def test_lying_cross_references_are_refused(lie: Callable[[bytes], bytes]):
    honest = classic(CATALOG, b"<</Kids[3 0 R]>>", b"<</Type/Page>>")
    assert lie(honest) != honest

    with pytest.raises(Broken):
        File(lie(honest)).first_page()


def test_an_object_elsewhere_than_listed_is_refused():
    honest = classic(CATALOG, b"<</Kids[3 0 R]>>", b"<</Type/Page>>")

    for lie in (honest.replace(b"3 0 obj", b"4 0 obj"), honest.replace(b"Kids[3 0 R]", b"Kids[3 1 R]")):
        with pytest.raises(Broken):
            File(lie).first_page()


def test_bombs_are_not_inflated():
    bomb = zlib.compress(bytes(64 * 1024 * 1024))
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb)
    file = File(classic(CATALOG, b"<<>>", stream))

    with pytest.raises(TooLarge):
        file.stream(Ref(3))


def test_a_file_may_not_ask_for_more_than_its_budget(contract: bytes):
    with pytest.raises(TooLarge):
        File(contract, Budget(objects=1)).first_page()
    with pytest.raises(TooLarge):
        File(contract, Budget(decoded=100))


def test_damaged_files_raise_nothing_but_broken(contract: bytes, concluded: Grown):
    dice = random.Random(44)
    for _throw in range(60):
        pieces = bytearray(dice.choice([contract, concluded.pdf, hybrid()]))
        for _cut in range(dice.randrange(1, 6)):
            at = dice.randrange(len(pieces))
            pieces[at : at + dice.randrange(60)] = dice.randbytes(dice.randrange(60))
        try:
            file = File(bytes(pieces))
            file.first_page()
            list(file.fields())
            for version in range(len(file.revisions)):
                for number in file.changed(version):
                    file.object(number, version)
        except Broken:
            continue
