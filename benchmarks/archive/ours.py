"""製品の道で問う: 行の壁の下で、画面と同じ関数が、画面と同じ取引で。"""

from accounts import tenancy
from accounts.actors import Actor, ActorKind
from benchmarks.archive.loading import tenant_of
from benchmarks.archive.questions import Question
from contracts.archive import across, rollups, searching
from contracts.archive.asking import Wanted
from contracts.archive.paging import NEWEST_FIRST, Place


def wanted(question: Question) -> Wanted:
    """Say a question in the words of the product."""
    return Wanted(
        titles=tuple(question.words.split()),
        parties=(question.party,) if question.party else (),
        first_date=question.first,
        last_date=question.last,
        least_amount=question.least,
        most_amount=question.most,
    )


def actor(town: int) -> Actor:
    """Return an auditor of the town of a rank."""
    return Actor(kind=ActorKind.STAFF, tenant_id=tenant_of(town), name="計測", roles=frozenset({"auditor"}))


def page(question: Question, *, after: Place | None = None) -> list[int]:
    """Find one page, as a town or as an operator."""
    if question.town is None:
        return [entry.pk for entry in across.page(wanted(question), after=after).entries]
    asker = actor(question.town)
    with tenancy.acting_for(asker.tenant_id):
        rows = searching.matching(wanted(question), actor=asker)
        entries, _ = searching._page(rows, actor=asker, order=NEWEST_FIRST, after=after)  # noqa: SLF001 - 合計のない頁
    return [entry.pk for entry in entries]


def total(question: Question) -> tuple[int, int]:
    """Count and sum, as a town or as an operator."""
    if question.town is None:
        found = rollups.totals(wanted(question)).by_what
    else:
        asker = actor(question.town)
        with tenancy.acting_for(asker.tenant_id):
            found = searching.count(wanted(question), actor=asker)
    return sum(each.count for each in found.values()), sum(each.amount for each in found.values())
