"""版を一つ足す: 前のバイトはそのまま、どの道具でも読めるまま。"""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.pdf.file import File
from signing.pdf.frame import Frame, frame_of
from signing.pdf.syntax import Broken, Dictionary, Name, Ref
from signing.pdf.update import Update

SIGNATURE: Dictionary = {"Type": Name("Sig"), "Filter": Name("Adobe.PPKLite"), "Reason": "理由".encode("utf-16-be")}
SIZE = 100
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]%s>>"


def written(*objects: bytes, version: bytes = b"1.7", trailer: bytes = b"", end: bytes = b"\n") -> bytes:
    """Write a file with a table; the objects are numbered from 1, the first is the root."""
    pdf, places = b"%%PDF-%s\n" % version, []
    for number, body in enumerate(objects, start=1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % each for each in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    last = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, len(pdf))
    return pdf + table + last + end


def plain(root: bytes = b"", page: bytes = b"", *more: bytes, **options: bytes) -> bytes:
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return written(b"<</Type/Catalog/Pages 2 0 R%s>>" % root, pages, PAGE % page, *more, **options)


def saved(pdf: bytes, **options: object) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(output, **options)
    return output.getvalue()


def grown(pdf: bytes, *names: str, evidence: dict[str, list[bytes]] | None = None) -> bytes:
    """Append one revision after another, each from the frame that the one before left behind."""
    frame = frame_of(File(pdf))
    for name in names:
        appended, frame = frame.sign(name, SIGNATURE, SIZE, evidence or {})
        appended.fill(b"\x30" * SIZE)
        pdf += bytes(appended.tail)
    assert frame.end.size == len(pdf)
    assert _comparable(frame) == _comparable(frame_of(File(pdf)))
    return pdf


def _comparable(frame: Frame) -> Frame:
    return replace(frame, end=replace(frame.end, identity=b""))


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "a stream": lambda pdf: saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "a table": lambda pdf: saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "linearized": lambda pdf: saved(pdf, linearize=True),
}
ODD: dict[str, bytes] = {
    "nothing": plain(),
    "no line at the end": plain(end=b""),
    "an old header": plain(version=b"1.4"),
    "an old header, a newer root": plain(b"/Version/1.6", version=b"1.4"),
    "version 2.0": plain(version=b"2.0"),
    "annotations in place": plain(b"", b"/Annots[4 0 R]", b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>"),
    "annotations elsewhere": plain(b"", b"/Annots 4 0 R", b"[5 0 R]", b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>"),
    "an empty form in place": plain(b"/AcroForm<</Fields[]>>"),
    "a form elsewhere": plain(b"/AcroForm 4 0 R", b"", b"<</Fields 5 0 R/SigFlags 1>>", b"[]"),
    "evidence in place": plain(b"/DSS<</Certs[4 0 R]>>", b"", b"<</Length 4>>\nstream\ncert\nendstream"),
    "evidence elsewhere": plain(
        b"/DSS 4 0 R", b"", b"<</Certs 5 0 R/VRI<<>>>>", b"[6 0 R]", b"<</Length 4>>\nstream\ncert\nendstream"
    ),
    "extensions elsewhere": plain(b"/Extensions 4 0 R", b"", b"<</ADBE<</BaseVersion/1.7/ExtensionLevel 3>>>>"),
    "more in the trailer": plain(b"", b"", b"<</Title(x)>>", trailer=b"/Info 4 0 R/DocChecksum/AB#20C/ID[<00FF><11>]"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_new_section_is_of_the_kind_before_it(shape: str, contract: bytes):
    pdf = SHAPES[shape](contract)

    file = File(grown(pdf, "FIELD_1_0", "FIELD_1_1"))

    assert len(file.revisions) == 3
    assert file.kind == File(pdf).kind
    assert [each.trailer["Prev"] for each in file.revisions[1:]] == [
        File(pdf).startxref,
        file.revisions[1].sections[0].start,
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_other_readers_find_nothing_wrong(shape: str, contract: bytes, tmp_path: Path):
    path = tmp_path / "grown.pdf"
    path.write_bytes(grown(SHAPES[shape](contract), "FIELD_1_0", "TIMESTAMP_1_0", evidence={"Certs": [b"one"]}))

    checked = subprocess.run(["qpdf", "--check", path], check=False, capture_output=True, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")
    with pikepdf.open(path, attempt_recovery=False) as pdf:
        assert [str(each.T) for each in pdf.Root.AcroForm.Fields] == ["FIELD_1_0", "TIMESTAMP_1_0"]
        assert [each.objgen for each in pdf.Root.AcroForm.Fields] == [each.objgen for each in pdf.pages[0].Annots][-2:]


@pytest.mark.parametrize("oddity", ODD)
def test_what_was_there_stays_in_its_place(oddity: str):
    pdf = ODD[oddity]

    whole = grown(pdf, "FIELD_1_0", "FIELD_1_1", evidence={"Certs": [b"cert", b"other"], "CRLs": [b"list"]})

    assert whole.startswith(pdf)
    assert re.match(rb"[\r\n]", whole[pdf.rindex(b"%%EOF") + len(b"%%EOF") :])  # 印の行に、次の物を書き足さない
    before, after = File(pdf), File(whole)
    for key in before.trailer().keys() - {"Size", "ID"}:
        assert after.trailer()[key] == before.trailer()[key]
    for key, value in before.catalog().items():
        if isinstance(value, Ref) or key not in {"AcroForm", "DSS", "Extensions", "Version"}:
            assert after.catalog()[key] == value
    with pikepdf.open(BytesIO(whole), attempt_recovery=False) as opened:
        assert [bytes(each.read_bytes()) for each in opened.Root.DSS.Certs] == [b"cert", b"other"]
        assert [bytes(each.read_bytes()) for each in opened.Root.DSS.CRLs] == [b"list"]
        assert [str(each.T) for each in opened.Root.AcroForm.Fields] == ["FIELD_1_0", "FIELD_1_1"]
        assert int(opened.Root.AcroForm.SigFlags) == 3
        links = [each for each in opened.pages[0].Annots if each.Subtype == "/Link"]
        assert len(links) == (1 if "annotations" in oddity else 0)
        assert len(opened.pages[0].Annots) == len(links) + 2


@pytest.mark.parametrize(
    ("oddity", "declared", "extended"),
    [
        ("nothing", None, True),
        ("an old header", "/1.7", True),
        ("an old header, a newer root", "/1.7", True),
        ("version 2.0", None, False),
    ],
)
def test_the_file_says_what_it_uses(oddity: str, declared: str | None, extended: bool):
    with pikepdf.open(BytesIO(grown(ODD[oddity], "FIELD_1_0"))) as opened:
        assert (str(opened.Root.Version) if "/Version" in opened.Root else None) == declared
        assert ("/Extensions" in opened.Root) == extended
        if extended:
            assert str(opened.Root.Extensions.ESIC.BaseVersion) == "/1.7"


def test_extensions_of_others_are_kept():
    with pikepdf.open(BytesIO(grown(ODD["extensions elsewhere"], "FIELD_1_0"))) as opened:
        assert set(opened.Root.Extensions.keys()) == {"/ADBE", "/ESIC"}


def test_the_same_evidence_is_written_once():
    evidence = {"Certs": [b"one", b"two", b"one"], "OCSPs": [b"answer"]}
    first = grown(plain(), "FIELD_1_0", evidence=evidence)
    second = grown(first, "FIELD_1_1", evidence=evidence | {"OCSPs": [b"answer", b"newer"]})

    with pikepdf.open(BytesIO(second)) as opened:
        assert [bytes(each.read_bytes()) for each in opened.Root.DSS.Certs] == [b"one", b"two"]
        assert [bytes(each.read_bytes()) for each in opened.Root.DSS.OCSPs] == [b"answer", b"newer"]
    assert len(File(second).changed(2)) < len(File(second).changed(1))


def test_a_frame_stays_as_it_is():
    frame = frame_of(File(plain(b"/AcroForm 4 0 R/DSS 5 0 R", b"/Annots 6 0 R", b"<<>>", b"<<>>", b"[]")))
    first, _after = frame.sign("FIELD_1_0", SIGNATURE, SIZE, {"Certs": [b"one"]})
    second, _after = frame.sign("FIELD_1_0", SIGNATURE, SIZE, {"Certs": [b"one"]})

    identity = rb"/ID\[.*?\]"
    assert re.sub(identity, b"", first.tail) == re.sub(identity, b"", second.tail)


def test_the_field_is_invisible_on_the_first_page(contract: bytes):
    with pikepdf.open(BytesIO(grown(contract, "FIELD_1_0"))) as opened:
        field = opened.Root.AcroForm.Fields[0]

        assert [int(each) for each in field.Rect] == [0, 0, 0, 0]
        assert (int(field.F), str(field.FT), str(field.Subtype)) == (132, "/Sig", "/Widget")
        assert field.P.objgen == opened.pages[0].objgen


def test_everything_but_the_hole_is_covered(contract: bytes):
    appended, _frame = frame_of(File(contract)).sign("FIELD_1_0", SIGNATURE, SIZE, {})
    before, after = map(bytes, appended.covered())
    appended.fill(b"\xab" * 10)
    whole = contract + bytes(appended.tail)

    spans = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\] +/Contents <", whole)
    assert spans is not None
    first, second, length = (int(each) for each in spans.groups())
    assert whole[:first] == contract + before
    assert whole[second:] == after
    assert second + length == len(whole)
    assert whole[first:second] == b"<" + b"ab" * 10 + b"00" * (SIZE - 10) + b">"


def test_a_hole_never_overflows(contract: bytes):
    appended, _frame = frame_of(File(contract)).sign("FIELD_1_0", SIGNATURE, SIZE, {})
    before = bytes(appended.tail)

    with pytest.raises(ValueError, match="too small"):
        appended.fill(bytes(SIZE + 1))
    assert bytes(appended.tail) == before


def test_an_update_without_a_signature_is_possible_too():
    update = Update(frame_of(File(plain())).end)
    number = update.reserve()
    update.write(number, b"(new)")

    file = File(plain() + bytes(update.finish().tail))

    assert file.object(number) == b"new"
    assert file.catalog() == File(plain()).catalog()


def test_an_object_of_a_later_generation_keeps_it():
    base = plain().replace(b"3 0 R", b"3 7 R").replace(b"3 0 obj", b"3 7 obj")
    third = re.search(rb"xref\n0 4\n.{20}.{20}.{20}(.{10}) 00000", base, re.DOTALL)
    assert third is not None
    pdf = base[: third.end() - 5] + b"00007" + base[third.end() :]

    file = File(grown(pdf, "FIELD_1_0"))

    assert file.first_page()[0] == Ref(3, 7)
    assert "Annots" in file.first_page()[1]


@pytest.mark.parametrize(
    "root",
    [
        b"/AcroForm 9 0 R",
        b"/AcroForm[]",
        b"/DSS 9 0 R",
        b"/DSS<</Certs 3 0 R>>",
        b"/DSS<</Certs[9 0 R]>>",
        b"/Extensions(x)",
    ],
)
def test_a_reference_that_leads_nowhere_is_never_filled(root: bytes):
    with pytest.raises(Broken):
        frame_of(File(plain(root)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.integers(1, 30),
    rotation=st.sampled_from([0, 90, 180, 270]),
    stream=st.booleans(),
    version=st.sampled_from(["1.4", "1.5", "1.7", "2.0"]),
    signatures=st.integers(1, 5),
)
def test_any_ordinary_document_grows(pages: int, rotation: int, stream: bool, version: str, signatures: int):
    output = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.pages[0].rotate(rotation, relative=False)
        mode = pikepdf.ObjectStreamMode.generate if stream else pikepdf.ObjectStreamMode.disable
        pdf.save(output, object_stream_mode=mode, force_version=max(version, "1.5" if stream else version))

    whole = grown(output.getvalue(), *(f"FIELD_1_{step}" for step in range(signatures)))

    with pikepdf.open(BytesIO(whole), attempt_recovery=False) as opened:
        assert len(opened.pages) == pages
        assert int(opened.pages[0].get("/Rotate", 0)) == rotation
        assert len(opened.Root.AcroForm.Fields) == signatures


@pytest.mark.parametrize("root", [b"/AcroForm 4 0 R/DSS 4 0 R", b"/AcroForm<</Fields 5 0 R>>/DSS<</Certs 5 0 R>>"])
def test_an_object_that_plays_two_parts_is_not_added_to(root: bytes):
    with pytest.raises(Broken):
        frame_of(File(plain(root, b"", b"<<>>", b"[]")))
