"""A word that stands in most documents is looked for as far as a page needs, and nothing that is shown is wrong."""

import random
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from django.db import connection, transaction

from accounts import tenancy
from accounts.models import Organization, Role
from contracts.archive import facets, looking, paging, searching
from contracts.archive.asking import Looked, Wanted
from contracts.archive.paging import Order
from contracts.archive.texts import finding, keeping
from contracts.models import ArchiveEntry, DocumentText
from signing.texts import Text
from tests import factories
from vault.models import StoredFile

AT = datetime(2026, 4, 1, tzinfo=UTC)
COUNT, MOST, PAGE = 40, 12, 4
CLAUSES = "第41条 発注者は、受注者に道路の修補を請求することができる。"
# 新しい順。どれにもある言葉、古いものだけの言葉、一つだけの言葉
WORDS = ("発注者", "ﾎﾞﾙﾄ", "隧道", "無い語", "道路")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(looking, "MOST", MOST)
    monkeypatch.setattr(paging, "PAGE", PAGE)


@pytest.fixture
def auditor(db):
    """Return an auditor of a city whose contracts all say the same on their last page, beside one with as many."""
    fill(factories.city("usuki"))
    city = factories.city("tosu")
    fill(city)
    return factories.staff(city, Role.AUDITOR)


def fill(city: Organization) -> None:
    for number in range(COUNT):
        entry(city, number)
        own = f"第{number}号工事 {'ボルト' if number >= COUNT // 2 else 'ナット'} {'隧道' if number == 9 else ''}"
        read(city, number, own, CLAUSES)


def entry(city: Organization, number: int) -> None:
    title = "道路改良" if number % 7 == 0 else "校舎改築"
    ArchiveEntry.unscoped.create(
        tenant_id=city.pk,
        what=1,
        subject=f"version:{number}",
        concluded_date=date(2026, 3, 1) - timedelta(number * 20),
        fiscal_year=2025 - number // 20,
        amount=(number * 17 % COUNT) * 1000,
        kind=f"kind-{number % 3}",
        number="1",
        title=title,
        party="某社",
        title_key=title,
        party_key="某社",
        number_key="1",
    )


def read(city: Organization, number: int, *pages: str) -> None:
    digest = sha256(f"{city.pk} {number}".encode()).hexdigest()
    file = StoredFile.objects.create(tenant_id=city.pk, sha256=digest, size=1, wrapped_key=b"k")
    row = DocumentText.unscoped.create(
        tenant_id=city.pk, subject=f"version:{number}", title="契約書", file=file, due_at=AT
    )
    keeping.keep(row, Text(pages=pages, count=len(pages), is_cut=False, scans=0, recognised=0), at=AT)


def shown(wanted: Wanted, *, actor, order: Order) -> tuple[bool, list[str], list[str], int, int]:
    """Ask as the page does and as a file is written: the first page of both, and how many there are."""
    looked = looking.look(wanted, actor=actor, order=order)
    bounded, whole = (searching.search(each, actor=actor, order=order) for each in (looked, wanted))
    pages = [[each.subject for each in found.entries] for found in (bounded, whole)]
    return isinstance(looked, Looked) and looked.is_cut, *pages, bounded.total.count, whole.total.count


@pytest.mark.parametrize("by", ["date", "amount"])
@pytest.mark.parametrize("descending", [True, False])
def test_the_first_page_is_that_of_the_whole_archive_and_no_number_is_too_great(auditor, by, descending):
    dice, cut = random.Random(3), 0

    for _ in range(25):
        words = tuple(dice.sample(WORDS, dice.randint(1, 2)))
        more = dice.choice(({}, {"fiscal_years": (2024,)}, {"kinds": ("kind-1",)}, {"least_amount": 9000}))
        is_cut, ours, right, count, all_ = shown(
            Wanted(words=words, inside=True, **more), actor=auditor, order=Order(by=by, descending=descending)
        )
        cut += is_cut
        assert ours == right, (words, more)
        assert count <= all_ if is_cut else count == all_, (words, more)

    assert 0 < cut < 25


def test_a_rare_word_is_found_in_every_document_and_counted_whole(auditor):
    looked = looking.look(Wanted(words=("隧道",), inside=True), actor=auditor)

    assert not looked.is_narrowed
    assert [each.subject for each in searching.search(looked, actor=auditor).entries] == ["version:9"]


def test_one_more_condition_counts_a_common_word_whole(auditor):
    cut = looking.look(Wanted(words=("発注者",), inside=True), actor=auditor)
    whole = looking.look(Wanted(words=("発注者", "隧道"), inside=True), actor=auditor)

    assert cut.is_cut
    assert searching.search(cut, actor=auditor).total.count == MOST
    assert not whole.is_cut
    assert searching.search(whole, actor=auditor).total.count == 1


def test_what_only_old_documents_say_is_found_beyond_those_that_are_looked_at_first(auditor):
    looked = looking.look(Wanted(words=("ボルト",), inside=True), actor=auditor)

    assert not looked.is_cut
    assert searching.search(looked, actor=auditor).total.count == COUNT // 2


def test_the_divisions_of_a_common_word_tell_no_number_that_is_not_so(auditor):
    wanted = Wanted(words=("道路",), inside=True, kinds=("kind-1",), fiscal_years=(2025,))
    looked = looking.look(wanted, actor=auditor)

    divided = facets.facets(looked, actor=auditor)

    assert looked.is_narrowed
    assert not looked.is_cut
    assert [(share.value, share.total.count) for share in divided["kind"]] == [("kind-1", 7)]
    assert [(share.value, share.total.count) for share in divided["fiscal_year"]] == [(2025, 7)]


def test_documents_of_another_city_are_neither_counted_nor_looked_into(auditor):
    usuki = Organization.objects.get(slug="usuki")
    own = list(ArchiveEntry.unscoped.filter(tenant=auditor.tenant_id).values_list("pk", flat=True))

    assert finding.common(["発注者"], most=COUNT) == ["発注者"]
    assert finding.common(["発注者"], most=COUNT + 1) == []
    assert len(finding.among(["発注者"], own)["発注者"]) == COUNT
    with tenancy.acting_for(usuki.pk):
        assert finding.among(["発注者"], own) == {"発注者": []}
    with transaction.atomic():
        tenancy.forget()
        assert finding.common(["発注者"], most=1) == []
        assert finding.among(["発注者"], own) == {"発注者": []}


def test_the_function_takes_no_city_and_is_not_for_everybody(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_function_arguments(oid), proacl::text from pg_proc where proname = %s",
            ["contracts_archive_is_common"],
        )
        arguments, granted = cursor.fetchone()
    assert arguments == "word text, grams integer[], most integer"
    assert not any(right.startswith("=") for right in granted.strip("{}").split(","))


def test_the_documents_are_looked_through_once_for_all_that_a_page_shows(auditor):
    looked = looking.look(Wanted(words=("隧道",), inside=True), actor=auditor)

    with connection.execute_wrapper(refuse_to_look):
        searching.search(looked, actor=auditor)
        facets.facets(looked, actor=auditor)


def refuse_to_look(execute, sql, params, many, context):
    assert "contracts_archive_inside" not in sql
    return execute(sql, params, many, context)
