"""画面に出す頁。"""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from signing import pages, strips

from .conftest import Grown


def test_pages_are_counted_drawn_and_read(contract: bytes):
    assert pages.count(contract) == 5
    assert pages.render(contract, page=1, width=600).startswith(b"RIFF")
    assert "甲と乙は誠実に履行する。" in pages.text(contract, page=1).replace("\n", "")


def test_a_sealed_contract_looks_the_same(contract: bytes, concluded: Grown):
    for page in (1, 3, 5):
        assert pages.render(contract, page=page, width=300) == pages.render(concluded.pdf, page=page, width=300)


def test_a_page_like_a_ribbon_is_drawn_as_wide_as_its_length_allows():
    ribbon = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(200, 14_000))
        made.save(ribbon)

    with Image.open(BytesIO(pages.render(ribbon.getvalue(), page=1, width=1800))) as drawn:
        assert drawn.width == 234
        assert drawn.height <= 16_383


def test_threads_may_ask_at_once(contract: bytes):
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _turn: pages.render(contract, page=2, width=200), range(24)))

    assert len(set(drawn)) == 1


@pytest.mark.parametrize("page", [0, 6, -1])
def test_a_page_that_is_not_there_is_said_so(contract: bytes, page: int):
    with pytest.raises(pages.PageMissing):
        pages.render(contract, page=page, width=600)


@pytest.mark.parametrize("junk", [b"", b"not a pdf"])
def test_what_cannot_be_opened_is_said_so(junk: bytes):
    with pytest.raises(pages.PageMissing):
        pages.count(junk)


def test_an_absurd_width_does_not_eat_the_memory(contract: bytes):
    assert len(pages.render(contract, page=1, width=10**6)) < 50_000_000


def drawing(lines: int) -> bytes:
    """Fill a wide sheet with bars, so that no pixel of it stays white."""
    with pikepdf.new() as file:
        page = file.add_blank_page(page_size=(1000, 400))
        bars = "".join(f"0 {400 * line / lines} m 1000 {400 * line / lines} l S\n" for line in range(lines + 1))
        page.contents_add(f"{800 / lines} w\n{bars}".encode())
        output = BytesIO()
        file.save(output)
        return output.getvalue()


def seen(picture: bytes) -> Image.Image:
    return Image.open(BytesIO(picture)).convert("L")


def test_a_drawing_of_thousands_of_lines_is_painted_in_strips_without_a_gap():
    picture = seen(pages.render(drawing(strips.MANY + 1), page=1, width=1300))

    assert picture.size == (1300, 520)
    assert picture.getextrema()[1] < 128


def test_where_the_time_would_run_out_a_drawing_comes_less_sharp_and_a_page_of_words_as_it_is(contract: bytes):
    hurried = pages.render(drawing(strips.MANY + 1), page=1, width=2600, seconds=0)

    assert seen(hurried).size == (620, 248)
    assert seen(pages.render(contract, page=1, width=1240, seconds=0)).width == 1240
