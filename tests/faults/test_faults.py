"""Workers die at any instruction, again and again; every contract is signed once by each party and concluded."""

import pytest

from tests.faults import invariants
from tests.faults.conftest import Aftermath

pytestmark = pytest.mark.xdist_group("race")
QUESTIONS = {
    "失われた仕事": invariants.lost_jobs,
    "当事者ごとに一つずつ、順に並んでいない署名": invariants.unfit_signatures,
    "検証に合格しない版": invariants.unverified,
    "決まらなかった知らせ、二度決まった知らせ": invariants.wrong_notices,
    "つながらない操作記録": invariants.broken_journals,
    "行と記録の食い違い": invariants.disagreeing,
}


def test_the_workers_really_died(aftermath: Aftermath):
    assert aftermath.workers.killed + len(aftermath.workers.deaths()) >= aftermath.town.jobs // 8


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_there_is_no(question: str, aftermath: Aftermath, flaws: dict[str, int]):
    found = QUESTIONS[question](aftermath.town)
    flaws[question] = len(found)

    assert found == []


def test_a_mail_arrives_and_is_repeated_only_when_its_sender_died(aftermath: Aftermath, flaws: dict[str, int]):
    arrived = invariants.copies(aftermath.town, aftermath.mailbox)
    repeated = sum(count - 1 for count in arrived.values() if count)
    flaws["届かなかったメール"] = sum(not count for count in arrived.values())
    flaws["送った worker が死んだため、同じ Message-ID で届き直したメール"] = repeated

    assert all(arrived.values())
    assert repeated <= aftermath.workers.killed + aftermath.workers.restarts + len(aftermath.workers.deaths())
