"""受け取ったものは、必ず封印でき、検証に通る。道具ごとのファイルと、あらゆる組み合わせのファイルで。"""

import functools
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, ObjectStreamMode

from signing import intake
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import hostile, producers
from .conftest import approval, approve
from .intake_help import Taken, admitted

ANNOUNCED = {
    "Acrobat（増分保存）の構造": ("history",),
    "Acrobat（入力欄）の構造": ("form",),
    "Word の構造": ("hybrid",),
    "CAD の構造": ("layers",),
}


def _check_sealed(taken: Taken, sealer: Sealer, trust: Trust) -> bytes:
    first = approve(sealer, taken.content, approval(0), final=False)
    last = approve(sealer, first.pdf, approval(1), final=True)
    report = verify(last.pdf, trust=trust, expected_fields=["FIELD_2336416_0", "FIELD_2336416_1"])
    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())
    return last.pdf


@pytest.mark.parametrize("producer", producers.MADE)
def test_a_file_of_each_producer_is_sealed_and_verified(producer: str, sealer: Sealer, trust: Trust, tmp_path: Path):
    taken = admitted(producers.MADE[producer]())

    assert taken.accepted.changes == tuple(intake.CHANGES[each] for each in ANNOUNCED.get(producer, ()))
    sealed = tmp_path / "sealed.pdf"
    sealed.write_bytes(_check_sealed(taken, sealer, trust))
    subprocess.run(["qpdf", "--check", sealed], check=True, capture_output=True)


@functools.cache
def _leaves() -> dict[str, bytes]:
    """Make pages with an embedded Japanese font, a scan, a font inside the file, and one that is not embedded."""
    return {
        "text": producers.weasyprint_made(),
        "scan": producers.scanned_in_black(),
        "drawn": hostile.pdf(),
        "fonts": producers.with_fonts_of_the_reader(),
    }


@st.composite
def documents(draw: Any) -> bytes:
    """Build a document of any pages, sizes, turns and ways of writing, PDF 1.4 to 2.0."""
    version = draw(st.sampled_from(["1.4", "1.5", "1.6", "1.7", "2.0"]))
    packed = version != "1.4" and draw(st.booleans())
    with pikepdf.new() as made:
        for _ in range(draw(st.integers(1, 6))):
            _add_leaf(made, draw)
        if draw(st.booleans()):
            _nest_pages(made)
        if draw(st.booleans()):
            made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])
        if draw(st.booleans()):
            hostile.annotate(made, Subtype=Name.Link, A=hostile.action(S=Name.URI, URI=pikepdf.String("https://a.jp/")))
        output = BytesIO()
        made.save(
            output,
            force_version=version,
            object_stream_mode=ObjectStreamMode.generate if packed else ObjectStreamMode.disable,
            linearize=draw(st.booleans()),
            fix_metadata_version=False,
        )
    return output.getvalue()


def _add_leaf(made: pikepdf.Pdf, draw: Any) -> None:
    with pikepdf.open(BytesIO(_leaves()[draw(st.sampled_from(sorted(_leaves())))])) as leaf:
        made.pages.extend(leaf.pages)
    page = made.pages[-1].obj
    page.MediaBox = [0, 0, draw(st.integers(100, 3000)), draw(st.integers(100, 14_400))]
    page.Rotate = draw(st.sampled_from([0, 90, 180, 270, -90]))
    if draw(st.booleans()):
        page.UserUnit = draw(st.integers(1, 10))


def _nest_pages(made: pikepdf.Pdf) -> None:
    """Put the pages one level deeper and let them inherit what they have in common."""
    branch = made.make_indirect(Dictionary(Type=Name.Pages, Kids=made.Root.Pages.Kids, Count=len(made.pages)))
    branch.Parent = made.Root.Pages
    branch.Resources = Dictionary()
    for page in made.pages:
        page.obj.Parent = branch
    made.Root.Pages.Kids = Array([branch])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=documents())
def test_whatever_is_accepted_can_be_sealed_and_verifies(data: bytes, sealer: Sealer, trust: Trust):
    taken = admitted(data)

    assert taken.content == data
    _check_sealed(taken, sealer, trust)


MENDED = [
    hostile.opening_script,
    hostile.page_action,
    hostile.field,
    hostile.layer,
    hostile.usage_rights,
    hostile.alternate_image,
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.sets(st.sampled_from(MENDED), min_size=1), packed=st.booleans())
def test_whatever_is_put_in_order_can_be_sealed_and_verifies(
    changes: set[hostile.Change], packed: bool, sealer: Sealer, trust: Trust
):
    def all_of_them(made: pikepdf.Pdf) -> None:
        for change in sorted(changes, key=lambda each: each.__name__):
            change(made)

    mode = ObjectStreamMode.generate if packed else ObjectStreamMode.disable
    taken = admitted(hostile.pdf(all_of_them, object_stream_mode=mode))

    assert taken.accepted.changes
    assert admitted(taken.content).accepted.changes == ()
    _check_sealed(taken, sealer, trust)
