"""画面に出す頁。"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from signing import pages

from .conftest import Grown


def test_pages_are_counted_drawn_and_read(contract: bytes):
    assert pages.count(contract) == 5
    assert pages.render(contract, page=1, width=600).startswith(b"RIFF")
    assert "甲と乙は誠実に履行する。" in pages.text(contract, page=1).replace("\n", "")


def test_a_sealed_contract_looks_the_same(contract: bytes, concluded: Grown):
    for page in (1, 3, 5):
        assert pages.render(contract, page=page, width=300) == pages.render(concluded.pdf, page=page, width=300)


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
