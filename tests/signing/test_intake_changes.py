"""一度だけ、告げて整えること。整えた後も見え方は同じで、もう一度通しても何も変わらない。"""

import hashlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from signing import intake

from . import handwritten, hostile, producers
from .hostile import Change
from .intake_help import admitted, refusal


def _drawn(pdf: bytes) -> list[bytes]:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    drawn = [page.render(scale=1).to_pil().tobytes() for page in document]
    document.close()
    return drawn


ACTIVE = [
    hostile.opening_script,
    hostile.named_script,
    hostile.launch,
    hostile.chained_script,
    hostile.page_action,
    hostile.submit,
    hostile.remote,
    hostile.file_link,
    hostile.script_link,
    hostile.bookmark_script,
    hostile.spawned_page,
]
TRACES = [b"alert", b"JavaScript", b"Launch", b"SubmitForm", b"GoToR", b"passwd", b"/AA", b"/Template", b"calc.exe"]


@pytest.mark.parametrize("change", ACTIVE, ids=lambda each: each.__name__)
def test_what_acts_is_taken_out_and_named(change: Change):
    data = hostile.pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    taken = admitted(data)

    (sentence,) = taken.accepted.changes
    assert sentence.startswith("自動で動く仕掛け（")
    assert not [trace for trace in TRACES if trace in taken.content]
    assert _drawn(taken.content) == _drawn(data)


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (handwritten.replaced(), "history"),
        (producers.acrobat_edited(), "history"),
        (handwritten.shadow(), "hidden"),
        (handwritten.shadow_between(), "hidden"),
        (handwritten.dangling(), "dangling"),
        (producers.word_laid_out(), "hybrid"),
        (handwritten.low_size(), "structure"),
        (handwritten.high_size(), "structure"),
        (b"\r\n" + handwritten.letter(), "padding"),
        (b"\xef\xbb\xbf" + handwritten.letter(), "padding"),
        (handwritten.letter() + bytes(500), "padding"),
        (hostile.pdf(hostile.redraw_without_fields), "redraw"),
        (hostile.pdf(hostile.usage_rights), "usage_rights"),
        (hostile.pdf(hostile.layer), "layers"),
        (hostile.pdf(hostile.alternate_image), "alternates"),
        (hostile.pdf(hostile.field), "form"),
        (hostile.pdf(hostile.empty_signature_field), "form"),
        (producers.acrobat_form(), "form"),
        (producers.cad_layered(), "layers"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_one_thing_is_put_in_order_and_announced(data: bytes, change: str):
    taken = admitted(data)

    assert taken.accepted.changes == (intake.CHANGES[change],)
    assert taken.accepted.received.sha256 == hashlib.sha256(data).hexdigest()
    assert taken.accepted.kept.sha256 == hashlib.sha256(taken.content).hexdigest() != taken.accepted.received.sha256
    assert _drawn(taken.content) == _drawn(data)


@pytest.mark.parametrize("make", [handwritten.replaced, handwritten.shadow, handwritten.hybrid, producers.acrobat_form])
def test_what_was_put_in_order_needs_nothing_more(make: Callable[[], bytes]):
    kept = admitted(make()).content if make is not handwritten.hybrid else admitted(producers.word_laid_out()).content

    again = admitted(kept)

    assert again.content == kept
    assert again.accepted.changes == ()


def test_the_same_upload_always_gives_the_same_file():
    assert admitted(handwritten.replaced()).content == admitted(handwritten.replaced()).content


@pytest.mark.parametrize(
    ("make", "shown"),
    [(handwritten.replaced, b"72 300"), (handwritten.shadow, b"72 700"), (handwritten.shadow_between, b"72 700")],
)
def test_a_second_content_prepared_for_later_is_gone(make: Callable[[], bytes], shown: bytes):
    with pikepdf.open(BytesIO(admitted(make()).content)) as kept:
        (content,) = [each.read_bytes() for each in kept.objects if isinstance(each, pikepdf.Stream)]

    assert content.startswith(shown)


def test_a_field_becomes_part_of_the_page_and_its_script_vanishes():
    taken = admitted(hostile.pdf(hostile.calculated_field))

    assert len(taken.accepted.changes) == 2
    with pikepdf.open(BytesIO(taken.content)) as kept:
        assert "/AcroForm" not in kept.Root
        assert len(kept.pages[0].obj.get("/Annots", [])) == 0
    assert b"JavaScript" not in taken.content


def test_other_annotations_stay_when_a_form_is_flattened():
    def both(made: pikepdf.Pdf) -> None:
        hostile.field(made)
        hostile.annotate(made, Subtype=pikepdf.Name.Stamp, F=4, Rect=[72, 400, 272, 440], AP=hostile.drawn(made))

    with pikepdf.open(BytesIO(admitted(hostile.pdf(both)).content)) as kept:
        assert [str(each.Subtype) for each in kept.pages[0].obj.Annots] == ["/Stamp"]


def test_a_page_that_looks_different_when_put_in_order_is_refused():
    """Readers disagree about a page with two contents; which one would be kept cannot be announced."""
    assert refusal(handwritten.repeated_key()) == "damaged"
    assert refusal(handwritten.hybrid()) in {"damaged", "looks_different"}


def test_a_wrong_colour_is_seen_by_the_comparison(tmp_path, monkeypatch):
    from signing.intake import rendering
    from signing.intake.findings import Unfit

    # 子プロセスの一生に対する上限。ここは、長く動いている試験のプロセスの中
    monkeypatch.setattr(rendering, "CPU_SECONDS", float("inf"))
    for name, colour in (("white", b"1 1 1"), ("yellow", b"1 1 0")):
        (tmp_path / name).write_bytes(
            handwritten.letter(b"0 0 595 842 re 1 1 1 rg f " + colour + b" rg 72 700 9 9 re f")
        )

    rendering.compare(tmp_path / "white", tmp_path / "white")
    with pytest.raises(Unfit, match="looks_different"):
        rendering.compare(tmp_path / "white", tmp_path / "yellow")
