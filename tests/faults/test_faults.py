"""Workers die at any instruction, again and again; every contract is signed once by each party and concluded."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from signing.trust import Trust
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


# 問いのそれぞれが、見逃さないこと。表、壊し方、戻し方
TAMPERINGS = {
    "失われた仕事": ("contracts_signingjob", "state = 'queued'", "state = 'done'"),
    "当事者ごとに一つずつ、順に並んでいない署名": (
        "contracts_revision",
        "number = number + 5",
        "number = number - 5",
    ),
    "決まらなかった知らせ、二度決まった知らせ": (
        "notifications_delivery",
        "state = 'failed', sent_at = null",
        "state = 'sent', sent_at = now()",
    ),
    "行と記録の食い違い": ("contracts_signingjob", "state = 'queued'", "state = 'done'"),
}


@contextmanager
def tampered(table: str, change: str, undo: str) -> Iterator[None]:
    """Change the newest row of a table behind the product's back, as the owner, and put it back."""

    def run(words: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(f"update {table} set {words} where id = (select max(id) from {table})")
            cursor.execute(f"alter table {table} enable trigger user")

    run(change)
    yield
    run(undo)


@pytest.mark.parametrize("question", TAMPERINGS, ids=str)
def test_a_change_behind_the_back_is_noticed(question: str, aftermath: Aftermath):
    with tampered(*TAMPERINGS[question]):
        assert QUESTIONS[question](aftermath.town)


def test_signatures_of_strangers_are_noticed(aftermath: Aftermath, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(invariants.setup, "trust", lambda: Trust(roots=()))

    assert invariants.unverified(aftermath.town)


def test_an_event_that_was_changed_is_noticed(aftermath: Aftermath):
    city = aftermath.town.cities[0].pk
    with connections["owner"].cursor() as cursor:
        cursor.execute("select seq, subject from audit_event where tenant_id = %s order by seq desc limit 1", [city])
        seq, subject = cursor.fetchone()

        def write(words: str) -> None:
            cursor.execute("alter table audit_event disable trigger user")
            cursor.execute("update audit_event set subject = %s where tenant_id = %s and seq = %s", [words, city, seq])
            cursor.execute("alter table audit_event enable trigger user")

        write("x")
        assert invariants.broken_journals(aftermath.town)
        write(subject)
    assert not invariants.broken_journals(aftermath.town)
