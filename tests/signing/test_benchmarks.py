"""計測で比べる相手も、同じ仕事をしている。"""

from collections.abc import Callable, Iterator

import pytest

from benchmarks import ours, plain, tuned
from config.embedded import pki as authority
from signing.trust import Trust

Seal = Callable[[bytes], bytes]


@pytest.fixture
def ways(pki: authority.PkiPaths) -> Iterator[list[Seal]]:
    sealer, signer = ours.sealer(pki, ours.key(pki)), plain.signer(pki)
    kept = tuned.Tuned(pki, signer)
    yield [lambda pdf: pdf + ours.tails(pdf, sealer), lambda pdf: plain.seal(pdf, pki, signer), kept.seal]
    kept.close()


def test_the_ways_that_are_compared_do_the_same_work(ways: list[Seal], contract: bytes, trust: Trust):
    made = [seal(contract) for seal in ways]

    assert [plain.seals_in(each) for each in made] == [(2, 1)] * 3
    assert [plain.verify(each, trust) for each in made] == [["AdESPassed.OK"] * 2] * 3
