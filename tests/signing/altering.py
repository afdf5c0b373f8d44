"""署名済みの PDF を書き換える手口。どれも公開された攻撃（shadow、ISA、SWA、USF）か、その変形。"""

import re
from collections.abc import Callable
from io import BytesIO

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

GAP = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\s*\]")

Update = Callable[[IncrementalPdfFileWriter], None]


class Quiet(IncrementalPdfFileWriter):
    """Append an update without touching the document's properties."""

    def _update_meta(self) -> None:
        return


def updated(pdf: bytes, update: Update, *, quiet: bool = True) -> bytes:
    """Append what an update writes."""
    writer = (Quiet if quiet else IncrementalPdfFileWriter)(BytesIO(pdf), strict=False)
    update(writer)
    output = BytesIO()
    writer.write(output)
    assert output.getvalue().startswith(pdf)
    return output.getvalue()


def gap(pdf: bytes, which: int = 0) -> tuple[int, int]:
    """Return where the hex string of a signature stands, with its brackets."""
    found = GAP.findall(pdf)[which]
    return int(found[0]), int(found[1])


def container(pdf: bytes, which: int = 0) -> bytes:
    """Return a signature's CMS."""
    start, end = gap(pdf, which)
    return cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode())).dump()


def with_container(pdf: bytes, der: bytes, which: int = 0) -> bytes:
    """Put another CMS into a signature's gap."""
    start, end = gap(pdf, which)
    digits = der.hex().encode()
    assert len(digits) <= end - start - 2
    return pdf[: start + 1] + digits.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def remade(pdf: bytes, change: Callable[[cms.SignerInfo], None], which: int = 0) -> bytes:
    """Change a signature's SignerInfo in place."""
    made = cms.ContentInfo.load(container(pdf, which))
    change(made["content"]["signer_infos"][0])
    return with_container(pdf, made.dump(force=True), which)


def token_of(pdf: bytes, which: int = 0) -> cms.ContentInfo:
    """Return a signature's timestamp."""
    info = cms.ContentInfo.load(container(pdf, which))["content"]["signer_infos"][0]
    return next(each for each in info["unsigned_attrs"] if each["type"].native == "signature_time_stamp_token")[
        "values"
    ][0]


def with_token(pdf: bytes, token: cms.ContentInfo | None) -> bytes:
    """Replace a signature's timestamp, or take it away."""

    def change(info: cms.SignerInfo) -> None:
        values = [{"type": "signature_time_stamp_token", "values": [token]}] if token is not None else []
        info["unsigned_attrs"] = cms.CMSAttributes(values)

    return remade(pdf, change)


def stream(content: bytes) -> generic.StreamObject:
    return generic.StreamObject(stream_data=content)


def dictionary(**values: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in values.items()})


def box(*numbers: int) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.NumberObject, numbers))


def first_page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0]


def add_annotation(writer: IncrementalPdfFileWriter, annotation: generic.DictionaryObject) -> None:
    page = first_page(writer)
    listed = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
    listed.append(writer.add_object(annotation))
    page["/Annots"] = listed
    writer.update_container(page)


def join_form(writer: IncrementalPdfFileWriter, field: generic.DictionaryObject) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])
    writer.update_container(form)


def text_field(value: str) -> generic.DictionaryObject:
    return dictionary(
        Type=pdf_name("/Annot"),
        Subtype=pdf_name("/Widget"),
        FT=pdf_name("/Tx"),
        T=pdf_string("代金"),
        V=pdf_string(value),
        Rect=box(50, 50, 300, 80),
    )


# 署名の後に加えられる変更


def title(writer: IncrementalPdfFileWriter) -> None:
    writer.trailer["/Info"]["/Title"] = pdf_string("別の契約書")
    writer.update_container(writer.trailer["/Info"])


def xmp_title(writer: IncrementalPdfFileWriter) -> None:
    packet = writer.root["/Metadata"]
    changed = packet.data.replace("工事請負契約書".encode(), "別の契約書".encode())
    assert changed != packet.data
    writer.objects[(0, writer.root.raw_get("/Metadata").idnum)] = generic.StreamObject(
        dict(packet), stream_data=changed
    )


def new_metadata(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Metadata"] = writer.add_object(stream(b"<?xpacket?><not-closed>"))
    writer.update_root()


def page_content(writer: IncrementalPdfFileWriter) -> None:
    page = first_page(writer)
    page["/Contents"] = writer.add_object(stream(b"0 0 999 999 re f"))
    writer.update_container(page)


def content_stream(writer: IncrementalPdfFileWriter) -> None:
    ref = first_page(writer).raw_get("/Contents")
    writer.objects[(0, ref.idnum)] = stream(b"0 0 999 999 re f")


def overlay(writer: IncrementalPdfFileWriter) -> None:
    note = dictionary(
        Type=pdf_name("/Annot"),
        Subtype=pdf_name("/FreeText"),
        Rect=box(0, 0, 500, 500),
        Contents=pdf_string("金 100円"),
    )
    add_annotation(writer, note)


def new_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    page = dictionary(Type=pdf_name("/Page"), Parent=writer.root.raw_get("/Pages"))
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(pages["/Count"] + 1)
    writer.update_container(pages)


def other_pages(writer: IncrementalPdfFileWriter) -> None:
    """Shadow, hide-and-replace: the catalog changes over to another tree of pages."""
    page = dictionary(
        Type=pdf_name("/Page"), Contents=writer.add_object(stream(b"0 0 9 9 re f")), MediaBox=box(0, 0, 9, 9)
    )
    tree = dictionary(
        Type=pdf_name("/Pages"), Kids=generic.ArrayObject([writer.add_object(page)]), Count=generic.NumberObject(1)
    )
    writer.root["/Pages"] = writer.add_object(tree)
    writer.update_root()


def font(writer: IncrementalPdfFileWriter) -> None:
    """Shadow, replace: another font turns the same codes into other characters."""
    fonts = first_page(writer)["/Resources"]["/Font"]
    name = next(iter(fonts))
    font = fonts[name]
    font["/BaseFont"] = pdf_name("/Courier")
    writer.update_container(font)


def open_action(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = dictionary(S=pdf_name("/JavaScript"), JS=pdf_string("app.alert(1)"))
    writer.update_root()


def certified(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Perms"] = dictionary(DocMDP=writer.root["/AcroForm"]["/Fields"][0].raw_get("/V"))
    writer.update_root()


def widget_with_action(writer: IncrementalPdfFileWriter) -> None:
    join_form(writer, dictionary(FT=pdf_name("/Sig"), T=pdf_string("X"), Rect=box(0, 0, 0, 0), AA=dictionary()))


def visible_field(writer: IncrementalPdfFileWriter) -> None:
    join_form(writer, dictionary(FT=pdf_name("/Sig"), T=pdf_string("X"), Rect=box(0, 0, 500, 500)))


def borrowed_signature(writer: IncrementalPdfFileWriter) -> None:
    """A new field shows the first party's signature as if a second one had signed."""
    value = writer.root["/AcroForm"]["/Fields"][0].raw_get("/V")
    join_form(writer, dictionary(FT=pdf_name("/Sig"), T=pdf_string("X"), Rect=box(0, 0, 0, 0), V=value))


def another_text_field(writer: IncrementalPdfFileWriter) -> None:
    join_form(writer, text_field("金 100円"))


def first_field_removed(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject(list(list.__iter__(form["/Fields"]))[1:])
    writer.update_container(form)
    writer.update_root()


def reason_of_the_first(writer: IncrementalPdfFileWriter) -> None:
    value = writer.root["/AcroForm"]["/Fields"][0]["/V"]
    value["/Reason"] = pdf_string("別人 様が承認しました")
    writer.update_container(value)


def renamed_field(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/T"] = pdf_string("FIELD_9_9")
    writer.update_container(field)


def unreferenced_object(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(dictionary(Hidden=pdf_string("later")))


def other_generation(writer: IncrementalPdfFileWriter) -> None:
    ref = first_page(writer).raw_get("/Contents")
    writer.objects[(1, ref.idnum)] = stream(b"0 0 999 999 re f")


def evidence(writer: IncrementalPdfFileWriter) -> None:
    """What is allowed: another entry among the evidence."""
    store = writer.root["/DSS"]
    certificates = store["/Certs"]
    certificates.append(writer.add_object(stream(certificates[0].data)))
    writer.update_container(certificates)


def no_evidence(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"] = writer.add_object(dictionary())
    writer.update_root()
