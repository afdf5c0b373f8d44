"""Files attached to a document are found by their names, within limits; a broken document has none."""

import io

import pikepdf
import pytest

from signing.attachments import attached


def pdf(**files: bytes) -> bytes:
    """Make a document with files attached as PDF/A-3 asks: in the name tree and in /AF."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        for name, content in files.items():
            made.attachments[name] = pikepdf.AttachedFileSpec(made, content, filename=name)
        made.Root.AF = pikepdf.Array([made.attachments[name].obj for name in files])
        made.save(out)
    return out.getvalue()


def test_a_file_is_found_by_its_name():
    whole = pdf(**{"a.json": b"{}", "記載.json": "証書".encode()})

    assert attached(whole, name="a.json") == b"{}"
    assert attached(whole, name="記載.json") == "証書".encode()
    assert attached(whole, name="b.json") is None


def test_a_document_without_files_has_none():
    assert attached(pdf(), name="a.json") is None


@pytest.mark.parametrize("cut", [0, 10, 400, -40])
def test_what_is_broken_has_none(cut):
    assert attached(pdf(**{"a.json": b"{}"})[:cut], name="a.json") is None


def test_a_file_that_swells_beyond_the_limits_is_not_read():
    swelling = pdf(**{"a.json": b"0" * (33 << 20)})

    assert len(swelling) < 1 << 20
    assert attached(swelling, name="a.json") is None
