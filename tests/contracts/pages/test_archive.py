"""The archive search: folded names, ranges, totals, keys instead of page numbers."""

import itertools
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts.archive import entries, paging, searching
from contracts.archive.asking import Wanted
from contracts.archive.entries import Filing
from contracts.models import Archived, ArchiveEntry, Contract, ContractVersion
from contracts.states import VersionState
from tests import factories

pytestmark = pytest.mark.django_db
_days = itertools.count()


def entry(story, *, title="市道元町線道路改良工事", party="㈱髙﨑𠮷建設", amount=11_000_000, on=None, case=None):
    """File a contract as conclude() does, without playing its whole story."""
    at = timezone.now()
    case = case or factories.case(story.tenant, by=story.drafter, title=title)
    contract = Contract.unscoped.create(tenant=story.tenant, case=case, title=title)
    version = ContractVersion.unscoped.create(
        tenant=story.tenant,
        contract=contract,
        number=1,
        amount=amount,
        work_starts_date=case.work_starts_date,
        work_ends_date=case.work_ends_date,
        signatory=story.signatory,
        expires_at=at,
        drafted_by_id=story.drafter.user_id,
        drafted_at=at,
        state=VersionState.CONCLUDED,
        approved_by_id=story.approver.user_id,
        approved_at=at,
        sent_at=at,
        fixed_at=at,
        concluded_at=at,
    )
    filing = Filing(
        what=Archived.CONTRACT,
        subject=f"version:{version.pk}",
        day=on or date(2026, 3, 1) + timedelta(days=next(_days)),
        amount=amount,
        title=title,
        party=party,
        case=case,
        version=version,
    )
    return entries.file(filing)


@pytest.mark.parametrize("typed", ["高崎吉", "株式会社高崎", "㈱髙﨑", "髙﨑𠮷建設", "タカサキ"])
def test_a_counterparty_is_found_however_the_name_is_written(tosu, typed):
    entry(tosu)
    entry(tosu, party="ﾀｶｻｷ電設(有)")

    found = searching.search(Wanted(parties=(typed,)), actor=tosu.approver)

    assert found.total.count == 1


def test_conditions_narrow_together_and_the_total_is_exact(tosu):
    kept = entry(tosu, amount=20_000_000, on=date(2026, 3, 10))
    entry(tosu, amount=20_000_000, on=date(2026, 4, 10))
    entry(tosu, amount=90_000_000, on=date(2026, 3, 11))
    entry(tosu, amount=20_000_000, on=date(2026, 3, 12), party="有限会社うすき測量設計")

    wanted = Wanted(
        first_date=date(2026, 3, 1),
        last_date=date(2026, 3, 31),
        parties=("高崎",),
        least_amount=10_000_000,
        most_amount=20_000_000,
    )
    found = searching.search(wanted, actor=tosu.approver)

    assert ([each.pk for each in found.entries], found.total.count, found.total.amount) == ([kept.pk], 1, 20_000_000)


def test_a_case_number_and_a_title_are_found_by_the_same_field(tosu):
    kept = entry(tosu, title="鳥栖駅前広場整備工事")
    entry(tosu)

    by_title = searching.search(Wanted(words=("駅前", "整備")), actor=tosu.approver)
    by_number = searching.search(Wanted(words=(kept.number,)), actor=tosu.approver)

    assert [each.pk for each in by_title.entries] == [kept.pk]
    assert kept.pk in [each.pk for each in by_number.entries]


def test_pages_follow_by_key_without_gap_or_double(tosu, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 3)
    same_day = date(2026, 5, 1)
    made = {entry(tosu, on=same_day).pk for _ in range(7)}
    seen: list[int] = []
    after = None

    while True:
        found = searching.search(Wanted(), actor=tosu.approver, after=after)
        seen += [each.pk for each in found.entries]
        if found.following is None:
            break
        after = paging.read_place(paging.write_place(found.following))

    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


def test_another_city_finds_nothing(tosu):
    entry(tosu)
    usuki = factories.city("usuki")
    other = factories.staff(usuki, Role.AUDITOR)

    assert searching.search(Wanted(), actor=other).total.count == 0
    # 行の壁だけでも見えない
    assert ArchiveEntry.unscoped.count() == 0


def test_the_id_query_reads_only_the_covering_index(tosu):
    """ARCHIVE.md §3: filter and sort on columns of archive_current, so that row security leaves an index-only scan."""
    entry(tosu)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_sort = off")
        cursor.execute("set local enable_bitmapscan = off")
        matching = searching.matching(Wanted(parties=("高崎",), least_amount=1), actor=tosu.approver)
        plan = matching.order_by("-concluded_date", "-id").values_list("id", flat=True)[:51].explain()

    assert "Index Only Scan using archive_current" in plan


def test_the_whole_question_stands_in_the_address(tosu, desk, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 2)
    for _ in range(3):
        entry(tosu)
    client = desk(tosu.tenant, Role.AUDITOR)

    page = client.get(reverse("archive"), {"party": "高崎", "first_date": "令和8年3月1日", "least_amount": "1,000円"})

    text = page.content.decode()
    assert "3</strong>件" in text
    assert "33,000,000円" in text
    assert "after=" in text
    assert "party=%E9%AB%98%E5%B4%8E" in text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"first_date": "きのう"}, "日付として読めません"),
        ({"least_amount": "5円", "most_amount": "1円"}, "上限が下限より小さく"),
        ({"first_date": "2026/4/1", "last_date": "2026/3/1"}, "終わりの日が始まりの日より前"),
    ],
)
def test_a_question_that_cannot_be_read_says_so(tosu, desk, typed, says):
    page = desk(tosu.tenant, Role.AUDITOR).get(reverse("archive"), typed)

    assert page.status_code == 422
    assert says in page.content.decode()


@pytest.mark.parametrize(
    "place", ["", "x", "2026-03-01", "2026-13-01.4", "2026-03-01.-4", "2026-03-01." + "9" * 40, "\x00.1"]
)
def test_a_place_that_is_none_starts_from_the_top(place):
    assert paging.read_place(place) is None


def test_an_empty_archive_says_what_will_come(tosu, desk):
    client = desk(tosu.tenant, Role.AUDITOR)

    assert "締結済みの契約はまだありません" in client.get(reverse("archive")).content.decode()
    assert "当てはまるものはありません" in client.get(reverse("archive"), {"party": "無"}).content.decode()
