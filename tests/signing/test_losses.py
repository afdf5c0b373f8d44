"""A file that lost its signatures is told apart from one that was tampered with and one that was never signed."""

from io import BytesIO

import pikepdf
import pytest

from signing.trust import Trust
from signing.verification import losses, verify
from signing.verification.losses import Loss, Remains


def rewritten(pdf: bytes, change=lambda _file: None, **options) -> bytes:
    """Write a file anew as a whole, as products that disarm files do."""
    with pikepdf.open(BytesIO(pdf)) as file:
        change(file)
        output = BytesIO()
        file.save(output, **options)
        return output.getvalue()


def made_by(name: str):
    def change(file: pikepdf.Pdf) -> None:
        file.docinfo["/Producer"] = name

    return change


def without_values(file: pikepdf.Pdf) -> None:
    for field in file.Root.AcroForm.Fields:
        del field["/V"]


def without_form(file: pikepdf.Pdf) -> None:
    del file.Root["/AcroForm"]
    for page in file.pages:
        if "/Annots" in page:
            del page["/Annots"]


def without_traces(file: pikepdf.Pdf) -> None:
    without_form(file)
    for key in ("/DSS", "/Extensions"):
        if key in file.Root:
            del file.Root[key]


@pytest.fixture(scope="module")
def signed(concluded) -> bytes:
    return concluded.pdf


@pytest.fixture(scope="module")
def found(trust: Trust):
    def of(pdf: bytes) -> Remains | None:
        return losses.remains(pdf, verify(pdf, trust=trust))

    return of


@pytest.mark.parametrize(
    "options", [{}, {"object_stream_mode": pikepdf.ObjectStreamMode.generate}], ids=["plain", "packed"]
)
def test_a_signed_file_written_anew_is_no_tampered_one(found, signed, options):
    remains = found(rewritten(signed, **options))

    assert remains is not None
    assert remains.loss is Loss.REWRITTEN


@pytest.mark.parametrize("change", [without_values, without_form], ids=["values", "form"])
def test_what_is_left_of_signatures_tells_that_they_were_there(found, signed, trust, change):
    pdf = rewritten(signed, change)

    assert verify(pdf, trust=trust).verdict == "UNSIGNED"
    assert found(pdf).loss is Loss.REWRITTEN
    assert losses.EVIDENCE in found(pdf).signs


def test_a_product_that_disarms_files_is_known_by_the_name_it_leaves(found, signed):
    def change(file: pikepdf.Pdf) -> None:
        without_values(file)
        made_by("Votiro Secure File Gateway")(file)

    remains = found(rewritten(signed, change))

    assert (remains.loss, "Votiro" in remains.writer) == (Loss.SANITISED, True)


def test_without_a_trace_nobody_can_tell_whether_it_was_signed(found, signed):
    def change(file: pikepdf.Pdf) -> None:
        without_traces(file)
        made_by("Glasswall CDR")(file)

    assert found(rewritten(signed, change)).loss is Loss.PASSED
    assert found(rewritten(signed, without_traces)) is None


def test_a_place_that_waits_for_a_signature_has_lost_none(found, contract):
    def change(file: pikepdf.Pdf) -> None:
        field = file.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="署名欄", Type=pikepdf.Name.Annot))
        file.Root.AcroForm = pikepdf.Dictionary(Fields=[field])

    assert found(rewritten(contract, change)).loss is Loss.PREPARED


def test_a_file_that_was_never_signed_has_lost_nothing(found, contract):
    assert found(contract) is None
    assert found(rewritten(contract)) is None


def test_a_sound_file_has_lost_nothing(found, signed):
    assert found(signed) is None


def test_tampering_is_not_excused_as_a_loss(found, signed):
    in_place = bytearray(signed)
    at = signed.index(b"stream\n") + 20
    in_place[at] ^= 1

    assert found(bytes(in_place)) is None
    assert found(signed + b"\n%changed") is None


def test_a_file_that_makes_no_sense_has_nothing_to_tell(found):
    assert found(b"%PDF-1.7 broken") is None
    assert found(b"") is None
