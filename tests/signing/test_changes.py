"""ほかの道具（Acrobat など）が署名とともに書き直すものの、どこまでが署名で、どこからが変更か。"""

from collections.abc import Callable

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.pdf.file import File
from signing.verification import changes

from . import altering
from .altering import box, dictionary, first_page, generic, pdf_name, pdf_string, stream, updated

Write = Callable[[IncrementalPdfFileWriter], None]


def font(name: str = "MyriadPro") -> generic.DictionaryObject:
    return dictionary(Type=pdf_name("/Font"), BaseFont=pdf_name(f"/{name}"))


def signature_field(name: str, **more: generic.PdfObject) -> generic.DictionaryObject:
    return dictionary(
        Type=pdf_name("/Annot"), Subtype=pdf_name("/Widget"), FT=pdf_name("/Sig"), T=pdf_string(name), **more
    )


def place_of_first_page(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return writer.root["/Pages"]["/Kids"].raw_get(0)


def prepare(writer: IncrementalPdfFileWriter) -> None:
    """A form as Acrobat leaves it: an empty visible field, fonts for appearances, indirect lists."""
    page = first_page(writer)
    empty = signature_field("印", Rect=box(10, 10, 90, 40), F=generic.NumberObject(4), P=place_of_first_page(writer))
    ref = writer.add_object(empty)
    page["/Annots"] = writer.add_object(generic.ArrayObject([ref]))
    writer.update_container(page)
    fonts = dictionary(Font=dictionary(Helv=writer.add_object(font("Helvetica"))))
    form = dictionary(Fields=writer.add_object(generic.ArrayObject([ref])), SigFlags=generic.NumberObject(3), DR=fonts)
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.root["/Extensions"] = dictionary(ADBE=dictionary(BaseVersion=pdf_name("/1.7")))
    writer.root["/DSS"] = writer.add_object(dictionary(Certs=generic.ArrayObject()))
    writer.update_root()


def form_of(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    writer.update_container(writer.root["/AcroForm"])
    return writer.root["/AcroForm"]


def fill(writer: IncrementalPdfFileWriter, flags: int = 132) -> None:
    field = form_of(writer)["/Fields"][0]
    field["/V"] = writer.add_object(dictionary(Type=pdf_name("/Sig")))
    field["/AP"] = dictionary(N=writer.add_object(stream(b"BT ET")))
    field["/F"] = generic.NumberObject(flags)
    writer.update_container(field)


def hide(writer: IncrementalPdfFileWriter) -> None:
    fill(writer, flags=6)


def fill_with_an_action(writer: IncrementalPdfFileWriter) -> None:
    fill(writer)
    form_of(writer)["/Fields"][0]["/AA"] = dictionary()


def add_font(writer: IncrementalPdfFileWriter) -> None:
    fonts = form_of(writer)["/DR"]["/Font"]
    fonts["/MyriadPro"] = writer.add_object(font())


def exchange_font(writer: IncrementalPdfFileWriter) -> None:
    form_of(writer)["/DR"]["/Font"]["/Helv"] = writer.add_object(font())


def other_appearance(writer: IncrementalPdfFileWriter) -> None:
    form_of(writer)["/DA"] = pdf_string("/Helv 0 Tf")
    form_of(writer)["/NeedAppearances"] = generic.BooleanObject(True)


def move_lists(writer: IncrementalPdfFileWriter) -> None:
    """Acrobat writes the grown list of annotations as a new object."""
    page = first_page(writer)
    field = signature_field("次", Rect=box(0, 0, 0, 0), P=place_of_first_page(writer))
    ref = writer.add_object(field)
    page["/Annots"] = writer.add_object(generic.ArrayObject([*list.__iter__(page["/Annots"]), ref]))
    writer.update_container(page)
    form = form_of(writer)
    form["/Fields"] = writer.add_object(generic.ArrayObject([*list.__iter__(form["/Fields"]), ref]))


def lose_annotations(writer: IncrementalPdfFileWriter) -> None:
    move_lists(writer)
    page = first_page(writer)
    page["/Annots"] = writer.add_object(generic.ArrayObject(list(list.__iter__(page["/Annots"]))[1:]))


def lend_annotations(writer: IncrementalPdfFileWriter) -> None:
    """The page's annotations become a list that is already there and means something else."""
    move_lists(writer)
    page = first_page(writer)
    page["/Annots"] = writer.root["/Pages"].raw_get("/Kids")


def show_another_object(writer: IncrementalPdfFileWriter) -> None:
    """Beside the new field, the page comes to show something that was there all along."""
    move_lists(writer)
    first_page(writer)["/Annots"].append(writer.root.raw_get("/DSS"))


def borrow_a_signature(writer: IncrementalPdfFileWriter) -> None:
    move_lists(writer)
    form_of(writer)["/Fields"][-1]["/V"] = writer.root.raw_get("/DSS")


def move_store(writer: IncrementalPdfFileWriter) -> None:
    certificate = writer.add_object(stream(b"0"))
    writer.root["/DSS"] = writer.add_object(dictionary(Certs=generic.ArrayObject([certificate])))
    writer.update_root()


def lend_store(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"] = writer.root.raw_get("/Pages")
    writer.update_root()


def lose_extensions(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Extensions"]
    writer.update_root()


CASES: dict[Write, set[str]] = {
    fill: {"visible_signature"},
    hide: {"changed"},
    fill_with_an_action: {"changed"},
    add_font: set(),
    exchange_font: {"changed"},
    other_appearance: {"changed"},
    move_lists: set(),
    lose_annotations: {"changed"},
    lend_annotations: {"changed"},
    show_another_object: {"changed"},
    borrow_a_signature: {"changed"},
    move_store: set(),
    lend_store: {"changed"},
    lose_extensions: {"changed"},
    altering.title: {"metadata_changed"},
}


def found(base: bytes, write: Write) -> set[str]:
    file = File(updated(base, write))
    return {problem.code for problem in changes.review(file, since=file.latest - 1)[file.latest]}


@pytest.mark.parametrize("write", CASES, ids=lambda each: each.__name__)
def test_what_comes_with_a_signature_is_told_from_a_change(write: Write, contract: bytes):
    assert found(updated(contract, prepare), write) == CASES[write]


def test_a_font_may_not_join_a_form_that_people_fill_in(contract: bytes):
    """A text field that named the missing font all along would come to look different."""

    def prepare_texts(writer: IncrementalPdfFileWriter) -> None:
        prepare(writer)
        writer.root["/AcroForm"]["/Fields"].append(writer.add_object(altering.text_field("金 100円")))

    assert found(updated(contract, prepare_texts), add_font) == {"changed"}


def test_a_list_that_two_places_share_may_not_grow(contract: bytes):
    def share(writer: IncrementalPdfFileWriter) -> None:
        prepare(writer)
        writer.root["/DSS"] = writer.add_object(dictionary(Certs=first_page(writer).raw_get("/Annots")))

    def grow(writer: IncrementalPdfFileWriter) -> None:
        listed = writer.root["/DSS"]["/Certs"]
        listed.append(writer.add_object(stream(b"0")))
        writer.update_container(listed)

    assert found(updated(contract, share), grow) == {"changed"}
