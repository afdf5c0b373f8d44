"""受け取ったままでよい PDF と、断る PDF。"""

import hashlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from signing import intake

from . import handwritten, hostile
from .hostile import Change
from .intake_help import LIMIT, admitted, refusal


def test_a_contract_made_here_is_kept_byte_for_byte(contract: bytes):
    taken = admitted(contract)

    assert taken.content == contract
    assert (taken.accepted.pages, taken.accepted.changes, taken.accepted.warnings) == (5, (), ())
    assert taken.accepted.kept == taken.accepted.received
    assert taken.accepted.received.sha256 == hashlib.sha256(contract).hexdigest()


def test_links_and_a_quiet_opening_are_kept():
    def link(made: Pdf) -> None:
        to_web = hostile.action(S=Name.URI, URI=String("https://example.jp/"))
        inside = hostile.action(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]))
        for each in (to_web, inside):
            hostile.annotate(made, Subtype=Name.Link, A=each)
        made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])

    data = hostile.pdf(link)

    assert admitted(data).content == data


def test_a_file_can_be_read_from_a_stream(contract: bytes):
    with intake.admit(BytesIO(contract), max_bytes=LIMIT) as accepted:
        assert accepted.kept.path.read_bytes() == contract


def test_nothing_is_left_on_the_disk(contract: bytes):
    taken = admitted(contract)

    assert not taken.accepted.received.path.parent.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (hostile.unheard_of_place, "active"),
        (hostile.attachment, "attachments"),
        (hostile.attached_by_annotation, "attachments"),
        (hostile.portfolio, "attachments"),
        (hostile.movie, "media"),
        (hostile.rich_media, "media"),
        (hostile.xfa, "xfa"),
        (hostile.external_stream, "external"),
        (hostile.reference_page, "external"),
        (hostile.hidden_layer, "layers"),
        (hostile.layers_off_at_first, "layers"),
        (hostile.layer_not_printed, "layers"),
        (hostile.layer_by_expression, "layers"),
        (hostile.layer_when_others_are_off, "layers"),
        (hostile.hidden_annotation, "unlike_print"),
        (hostile.printed_only, "unlike_print"),
        (hostile.printed_field, "unlike_print"),
        (hostile.postscript, "unlike_print"),
        (hostile.undrawn_field, "form"),
        (hostile.orphaned_field, "form"),
        (hostile.redrawn_field, "form"),
        (hostile.no_pages, "no_pages"),
        (hostile.many_annotations, "too_many_annotations"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_what_could_change_or_mislead_after_signing_is_refused(change: Change, code: str):
    assert refusal(hostile.pdf(change)) == code


def test_a_script_behind_another_spelling_of_its_name_is_found():
    spelled = handwritten.letter(b"", b"<</S/J#61vaScript/JS(app.alert\\(1\\))>>").replace(
        b"/Type/Catalog", b"/OpenAction 5 0 R/Type/Catalog"
    )
    places = {number: spelled.index(b"%d 0 obj" % number) for number in range(1, 6)}
    at = spelled.rindex(b"xref\n0 1")

    taken = admitted(spelled[:at] + handwritten.table(places, at=at, size=6))

    assert "スクリプト" in "".join(taken.accepted.changes)
    assert b"app.alert" not in taken.content


def test_an_empty_file_is_refused():
    assert refusal(b"") == "empty"


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(100), b"<html></html>", "契約書".encode(), b"%!PS-Adobe-3.0\n"])
def test_what_is_not_a_pdf_is_refused(data: bytes):
    assert refusal(data) == "not_pdf"


def test_a_file_over_the_limit_is_told_the_limit():
    with (
        pytest.raises(intake.Refused, match="50MB以下") as refused,
        intake.admit(bytes(50 * 2**20 + 1), max_bytes=50 * 2**20),
    ):
        pass
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_file_is_refused(user: str, revision: int):
    strong = revision >= 4
    how = pikepdf.Encryption(owner="owner", user=user, R=revision, aes=strong, metadata=strong)

    assert refusal(hostile.pdf(encryption=how)) == "encrypted"


def test_a_file_encrypted_for_a_certificate_is_called_encrypted_too():
    plain = handwritten.letter()
    for_a_certificate = b"/Encrypt<</Filter/Adobe.PubSec/V 4/SubFilter/adbe.pkcs7.s5/Length 128>>/Root 1 0 R"

    assert refusal(plain.replace(b"/Root 1 0 R", for_a_certificate)) == "encrypted"


@pytest.mark.parametrize(
    "damage",
    [
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: pdf.replace(b"startxref", b"startxxxx"),
        lambda pdf: pdf[:-4],
        lambda pdf: pdf.replace(b"/Pages", b"/Pagos"),
    ],
    ids=["cut short", "no startxref", "no end", "no pages"],
)
def test_a_damaged_file_is_refused_and_never_repaired(damage: Callable[[bytes], bytes]):
    assert refusal(damage(handwritten.letter())) == "damaged"


@pytest.mark.parametrize("box", [b"[0 0 0 0]", b"[0 0 99999 9]", b"[0 0 595 1]"])
def test_a_page_of_no_size_or_an_absurd_one_is_named(box: bytes):
    assert refusal(handwritten.sized(box)) == "page_size"


@pytest.mark.parametrize("box", [b"[0 0 1e9 9]", b"[0 0 (a) 9]", b"[0 0 9]"])
def test_a_page_whose_size_would_have_to_be_guessed_is_refused(box: bytes):
    assert refusal(handwritten.sized(box)) == "damaged"


def test_a_long_drawing_and_a_page_drawn_from_the_other_corner_are_taken():
    for box in (b"[0 0 14400 842]", b"[842 595 0 0]"):
        data = handwritten.sized(box)
        assert admitted(data).content == data


def test_fonts_that_are_not_embedded_are_warned_about():
    def font(made: Pdf) -> None:
        gothic = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/MS-Gothic"))
        made.pages[0].obj.Resources.Font.F2 = made.make_indirect(gothic)

    (warning,) = admitted(hostile.pdf(font)).accepted.warnings

    assert "MS-Gothic" in warning


def test_comments_are_warned_about():
    data = hostile.pdf(lambda made: hostile.annotate(made, Subtype=Name.Stamp, F=4, AP=hostile.drawn(made)))

    (warning,) = admitted(data).accepted.warnings

    assert "注釈" in warning


def test_each_refusal_says_what_to_do_next():
    assert len(set(intake.REFUSALS.values())) == len(intake.REFUSALS)
    assert all(sentence.endswith("ください。") for sentence in intake.REFUSALS.values())
