"""受け取れる PDF と、受け取れない PDF への断り。"""

import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from signing import intake
from signing.sealing import Sealed

LIMIT = 50 * 1024 * 1024
Change = Callable[[Pdf], None]


def _pdf(change: Change = lambda _pdf: None, **saving: object) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        output = BytesIO()
        pdf.save(output, **saving)
        return output.getvalue()


def _refusal(data: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(intake.Refused) as refused:
        intake.examine(data, max_bytes=limit)
    assert str(refused.value).endswith("ください。")
    return refused.value.code


def test_a_contract_made_here_is_accepted_as_it_is(contract: bytes):
    accepted = intake.examine(contract, max_bytes=LIMIT)

    assert (accepted.pages, accepted.warnings) == (5, ())
    assert len(accepted.sha256) == 64


def test_links_and_a_quiet_opening_are_accepted():
    def link(pdf: Pdf) -> None:
        to_web = Dictionary(Type=Name.Action, S=Name.URI, URI=String("https://example.jp/"))
        inside = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))
        pdf.pages[0].obj.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=each) for each in (to_web, inside)]
        )
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert intake.examine(_pdf(link), max_bytes=LIMIT).pages == 1


def _open_action(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _named_script(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))


def _launch(pdf: Pdf) -> None:
    action = Dictionary(S=Name.Launch, F=String("calc.exe"))
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)])


def _chained_script(pdf: Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    action = Dictionary(S=Name.URI, URI=String("https://example.jp/"), Next=Array([script]))
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)])


def _page_action(pdf: Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Named, N=Name.Print))


def _submit(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(S=Name.SubmitForm, F=String("https://example.jp/")))


def _movie(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Screen, Rect=[0, 0, 9, 9])])


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["見積.txt"] = b"1"


def _attached_by_annotation(pdf: Pdf) -> None:
    pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9])])


def _layers(pdf: Pdf) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary())


def _field(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("金額"), Subtype=Name.Widget, Rect=[0, 0, 9, 9]))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def _xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Array([]))


def _certified(pdf: Pdf) -> None:
    pdf.Root.Perms = Dictionary()


def _no_pages(pdf: Pdf) -> None:
    del pdf.pages[0]


def _many_annotations(pdf: Pdf) -> None:
    note = pdf.make_indirect(Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9]))
    pdf.pages[0].obj.Annots = Array([note] * 2001)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_open_action, "active"),
        (_named_script, "active"),
        (_launch, "active"),
        (_chained_script, "active"),
        (_page_action, "active"),
        (_submit, "active"),
        (_movie, "active"),
        (_attachment, "attachments"),
        (_attached_by_annotation, "attachments"),
        (_layers, "layers"),
        (_field, "form"),
        (_xfa, "xfa"),
        (_certified, "certified"),
        (_no_pages, "no_pages"),
        (_many_annotations, "too_many_annotations"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_what_could_change_or_act_after_signing_is_refused(change: Change, code: str):
    assert _refusal(_pdf(change)) == code


def test_an_empty_file_is_refused():
    assert _refusal(b"") == "empty"


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(100), b"<html></html>", "契約書".encode()])
def test_what_is_not_a_pdf_is_refused(data: bytes):
    assert _refusal(data) == "not_pdf"


def test_a_file_over_the_limit_is_told_the_limit():
    with pytest.raises(intake.Refused, match="50MB以下") as refused:
        intake.examine(bytes(LIMIT + 1), max_bytes=LIMIT)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_file_is_refused(user: str):
    assert _refusal(_pdf(encryption=pikepdf.Encryption(owner="owner", user=user))) == "encrypted"


def test_a_signed_file_is_refused(approved: Sealed):
    assert _refusal(approved.pdf) == "signed"


@pytest.mark.parametrize(
    "damage",
    [lambda pdf: pdf[: len(pdf) // 2], lambda pdf: b"junk" + pdf, lambda pdf: pdf.replace(b"startxref", b"startxxxx")],
)
def test_a_damaged_file_is_refused(damage: Callable[[bytes], bytes], contract: bytes):
    assert _refusal(damage(contract)) == "damaged"


def test_a_reference_to_what_signing_would_add_is_refused():
    original = _pdf(lambda pdf: pdf.pages[0].rotate(90, relative=False))
    prepared = original.replace(b"/Rotate 90", b"/By 99 0 R")

    assert len(prepared) == len(original)
    assert _refusal(prepared) == "dangling"


def _bomb(pdf: Pdf) -> None:
    stream = pikepdf.Stream(pdf, b"")
    stream.write(_packed(b"", 500), filter=Name.FlateDecode)
    pdf.pages[0].obj.Contents = stream


def _stacked(pdf: Pdf) -> None:
    stream = pikepdf.Stream(pdf, b"")
    stream.write(zlib.compress(zlib.compress(bytes(1 << 20))), filter=Array([Name.FlateDecode, Name.FlateDecode]))
    pdf.pages[0].obj.Contents = stream


@pytest.mark.parametrize("change", [_bomb, _stacked])
def test_a_bomb_is_refused_without_harm(change: Change):
    assert _refusal(_pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)) == "bomb"


def test_a_bomb_inside_an_object_stream_is_refused_by_the_memory_limit():
    assert _refusal(_object_stream_bomb()) in {"bomb", "damaged"}


def test_a_child_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch, contract: bytes):
    monkeypatch.setattr(intake, "WALL_SECONDS", 0.001)

    assert _refusal(contract) == "bomb"


def test_fonts_that_are_not_embedded_are_warned_about():
    def font(pdf: Pdf) -> None:
        gothic = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/MS-Gothic"))
        pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(gothic)))

    (warning,) = intake.examine(_pdf(font), max_bytes=LIMIT).warnings

    assert "MS-Gothic" in warning


def test_a_file_that_keeps_an_earlier_version_is_warned_about(contract: bytes):
    at = contract.rindex(b"startxref")
    start = int(contract[at:].split()[1])
    size = 10_000
    update = b"xref\n0 0\ntrailer\n<</Size %d/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    root = _root_of(contract)

    (warning,) = intake.examine(contract + update % (size, root, start, len(contract)), max_bytes=LIMIT).warnings

    assert "過去の版" in warning


def _root_of(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return b"%d %d R" % opened.Root.objgen


def test_each_refusal_says_what_to_do_next():
    assert len(set(intake.REFUSALS.values())) == len(intake.REFUSALS)
    assert all(sentence.endswith("ください。") for sentence in intake.REFUSALS.values())


def _packed(head: bytes, megabytes: int) -> bytes:
    """Deflate a head and megabytes of spaces, compressing one megabyte and repeating it."""
    deflater = zlib.compressobj(9, wbits=-15)
    start = deflater.compress(head) + deflater.flush(zlib.Z_FULL_FLUSH)
    spaces = b" " * (1 << 20)
    block = deflater.compress(spaces) + deflater.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(head)
    for _megabyte in range(megabytes):
        checksum = zlib.adler32(spaces, checksum)
    return b"\x78\xda" + start + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")


def _object_stream_bomb() -> bytes:
    """Write a file whose only object stream inflates to a gigabyte."""
    head = b"1 0 2 40 3 90 "
    objects = b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Kids[3 0 R]/Count 1>>".ljust(50)
    objects += b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    packed = _packed(head + objects, 1024)
    body = b"%PDF-1.7\n"
    stream_at = len(body)
    body += b"4 0 obj\n<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(packed))
    body += packed + b"\nendstream\nendobj\n"
    table_at = len(body)
    rows = [
        b"\0\0\0\0\0\0",
        *(b"\2\0\0\0\4" + bytes([n]) for n in range(3)),
        b"\1" + stream_at.to_bytes(4, "big") + b"\0",
    ]
    rows.append(b"\1" + table_at.to_bytes(4, "big") + b"\0")
    table = b"".join(rows)
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return body + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % table_at
