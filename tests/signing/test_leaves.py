"""A page of a PDF from outside is drawn where it can do no harm."""

import pytest

from signing import leaves, pages
from signing.pages import PageMissing
from tests import factories


def test_a_page_is_drawn_as_at_home():
    pdf = factories.pdf(2)

    assert leaves.draw(pdf, page=2, width=200) == pages.render(pdf, page=2, width=200)


@pytest.mark.parametrize(("pdf", "page"), [(b"%PDF-1.7 nonsense", 1), (factories.pdf(), 2), (b"", 1)])
def test_what_cannot_be_drawn_is_missing(pdf, page):
    with pytest.raises(PageMissing):
        leaves.draw(pdf, page=page, width=200)


def test_a_page_that_takes_too_long_is_missing(monkeypatch):
    monkeypatch.setattr(leaves, "WALL_SECONDS", 0.001)

    with pytest.raises(PageMissing, match="大きさを超えています"):
        leaves.draw(factories.pdf(), page=1, width=200)


def test_all_the_words_are_read_with_the_file_opened_once(monkeypatch):
    pdf = factories.pdf(3)

    assert leaves.texts(pdf) == tuple(pages.text(pdf, page=page) for page in (1, 2, 3))
    monkeypatch.setattr(leaves, "WALL_SECONDS", 0.001)
    with pytest.raises(PageMissing):
        leaves.texts(pdf)
