"""Words inside the PDFs find their contracts: as folded, of any length, and never those of another city."""

import random
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import tenancy
from accounts.models import Organization, Role
from contracts.archive import searching
from contracts.archive.asking import Wanted
from contracts.archive.texts import grams, keeping
from contracts.archive.texts.coverage import Coverage, coverage
from contracts.archive.texts.snippets import around, snippets
from contracts.folding import body_key
from contracts.models import ArchiveEntry, DocumentText, PageText, TextPlace
from signing.texts import Text
from tests import factories
from vault.models import StoredFile

FUNCTION = "contracts_archive_inside"
AT = datetime(2026, 4, 1, tzinfo=UTC)
CLAUSES = "（かし担保）第41条 発注者は、工事目的物にかしがあるときは、受注者に修補を請求することができる。"
FIRST = ("第１条\u3000㈱髙﨑𠮷建設は、ﾎﾞﾙﾄの締付けを確認する。", CLAUSES, "渡邉\U000e0102が三ヶ所で立ち会う。")
SECOND = ("第１条 アスファルト混合物の温度。株式会社が負う。", CLAUSES)


def put(tenant_id: int, subject: str, *pages: str, **read) -> DocumentText:
    """Keep the pages of a document of an entry, as the worker does."""
    digest = sha256(f"{tenant_id} {subject} {pages}".encode()).hexdigest()
    file = StoredFile.objects.create(tenant_id=tenant_id, sha256=digest, size=1, wrapped_key=b"k")
    row = DocumentText.unscoped.create(tenant_id=tenant_id, subject=subject, title="契約書", file=file, due_at=AT)
    told = {"count": len(pages), "is_cut": False, "scans": 0, "recognised": 0} | read
    keeping.keep(row, Text(pages=pages, **told), at=AT)
    return row


def ask(*words: str, actor, **more) -> searching.Found:
    return searching.search(Wanted(words=words, inside=True, **more), actor=actor)


def found(*words: str, actor, **more) -> set[str]:
    return {each.subject for each in ask(*words, actor=actor, **more).entries}


def call(word: str, codes: list[int] | None = None) -> list[int]:
    with connection.cursor() as cursor:
        asked = grams.sought(word) if codes is None else codes
        cursor.execute("select * from contracts_archive_inside(%s, %s::int[])", [word, asked])
        return [row[0] for row in cursor.fetchall()]


def enter(tenant_id: int, number: int) -> ArchiveEntry:
    return ArchiveEntry.unscoped.create(
        tenant_id=tenant_id,
        what=1,
        subject=f"version:{number}",
        concluded_date=date(2025, 4, number),
        fiscal_year=2025,
        amount=number,
        kind="construction",
        number="Ｒ7",
        title="無題",
        party="某社",
        title_key="無題",
        party_key="某社",
        number_key="r7",
    )


@pytest.fixture
def auditor(db):
    """Return an auditor of a city that has three read documents, beside a city with the same and one of its own."""
    for name in ("usuki", "tosu"):
        city = factories.city(name)
        for number in (1, 2, 3, 4):
            enter(city.pk, number)
        put(city.pk, "version:1", *FIRST)
        put(city.pk, "version:2", *SECOND)
        put(city.pk, "version:3", "臼杵石仏の保存修理" if name == "usuki" else "ほかの町にない言葉")
    return factories.staff(city, Role.AUDITOR)


@pytest.mark.parametrize(
    ("word", "subjects"),
    [
        ("ボルト", {"version:1"}),
        ("高崎吉建設", {"version:1"}),
        ("渡辺が立会", set()),
        ("三か所で立ち会う", {"version:1"}),
        ("締め付け", set()),
        ("三ケ所", {"version:1"}),
        ("ｱｽﾌｧﾙﾄ", {"version:2"}),
        ("第１条", {"version:1", "version:2"}),
        ("工事 目的物", {"version:1", "version:2"}),
        ("株式会社", {"version:1", "version:2"}),
        ("株式会社が", {"version:2"}),
        ("度", {"version:2"}),
        ("町", {"version:3"}),
        ("𠮷", {"version:1"}),
        ("瑕疵", set()),
        ("無題", {"version:1", "version:2", "version:3", "version:4"}),
        ("・", {"version:1", "version:2", "version:3", "version:4"}),
    ],
)
def test_a_word_inside_a_document_finds_its_contract(auditor, word, subjects):
    assert found(*word.split(), actor=auditor) == subjects


def test_words_may_stand_in_different_documents_and_in_the_title_and_other_conditions_hold(auditor):
    put(auditor.tenant_id, "version:1", "別紙　数量総括表")

    assert found("総括表", "ボルト", "無題", actor=auditor) == {"version:1"}
    assert found("第一条", actor=auditor) == set()
    assert found("第1条", actor=auditor, least_amount=2) == {"version:2"}
    assert ask("第1条", actor=auditor).total.amount == 1 + 2
    assert not searching.search(Wanted(words=("ボルト",)), actor=auditor).entries


def test_any_run_of_letters_of_any_page_finds_what_reading_every_page_finds(auditor):
    pages = list(TextPlace.unscoped.filter(tenant_id=auditor.tenant_id).values_list("document__subject", "page__key"))
    dice = random.Random(1)

    for _ in range(60):
        _subject, key = dice.choice(pages)
        start, length = dice.randrange(len(key)), dice.randint(1, 6)
        word = key[start : start + length]
        right = {subject for subject, each in pages if word in each}
        entries = ArchiveEntry.unscoped.filter(tenant_id=auditor.tenant_id, subject__in=right, is_current=True)
        assert set(call(word)) == set(entries.values_list("pk", flat=True)), word


HOSTILE = (
    "臼杵石仏",
    "' or true --",
    "%",
    "_",
    "\\",
    "",
    "x') union select id from contracts_archiveentry --",
    "$body$",
)


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("codes", [None, []])
def test_the_function_answers_with_rows_of_the_city_in_view_whatever_it_is_asked(auditor, word, codes):
    own = set(ArchiveEntry.unscoped.filter(tenant_id=auditor.tenant_id).values_list("pk", flat=True))

    assert set(call(word, codes)) <= own
    with tenancy.acting_for(Organization.objects.get(slug="usuki").pk):
        assert not set(call(word, codes)) & own
    with transaction.atomic():
        tenancy.forget()
        assert call(word, codes) == []


def test_what_another_city_says_finds_nothing_here_though_the_entries_are_called_alike(auditor):
    assert call("臼杵石仏") == []
    with tenancy.acting_for(Organization.objects.get(slug="usuki").pk):
        assert len(call("臼杵石仏")) == 1
        assert call(body_key("ほかの町")) == []


def test_the_function_takes_no_city_and_is_not_for_everybody(auditor):
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_function_arguments(oid), proacl::text from pg_proc where proname = %s", [FUNCTION]
        )
        arguments, granted = cursor.fetchone()
        assert arguments == "word text, grams integer[]"
        assert not any(right.startswith("=") for right in granted.strip("{}").split(","))
        with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
            cursor.execute(f"select {FUNCTION}('x', array[1], {auditor.tenant_id})")


def test_what_a_city_says_alike_on_many_pages_is_kept_once_and_erased_with_the_last(auditor):
    own = PageText.unscoped.filter(tenant_id=auditor.tenant_id)
    assert own.filter(text=CLAUSES).count() == 1

    keeping.erase(DocumentText.unscoped.filter(subject="version:1"))
    assert found("かし担保", actor=auditor) == {"version:2"}
    assert not own.filter(text__contains="ﾎﾞﾙﾄ").exists()
    keeping.erase(DocumentText.unscoped.filter(subject="version:2"))

    assert own.count() == 1
    assert found("かし担保", actor=auditor) == set()


def test_what_replaces_an_entry_is_found_by_the_same_texts(auditor):
    before = ArchiveEntry.unscoped.get(subject="version:1")
    ArchiveEntry.unscoped.filter(pk=before.pk).update(is_current=False)
    after = enter(auditor.tenant_id, 1)

    assert [each.pk for each in ask("ボルト", actor=auditor).entries] == [after.pk]


def test_a_line_of_the_document_is_shown_with_the_words_marked(auditor):
    entries = ask("ボルト", "度", actor=auditor).entries + ask("かし", actor=auditor).entries

    shown = snippets(entries, ["ボルト", "かし"], actor=auditor)

    assert set(shown) == {"version:1", "version:2"}
    line = shown["version:1"]
    assert (line.title, line.number) == ("契約書", 1)
    assert "".join(piece.text for piece in line.pieces) == FIRST[0]
    assert [piece.text for piece in line.pieces if piece.is_hit] == ["ﾎﾞﾙﾄ"]
    assert [piece.text for piece in shown["version:2"].pieces if piece.is_hit] == ["かし", "かし"]
    assert shown["version:2"].number == 2
    assert snippets(entries, ["・"], actor=auditor) == {}


def test_a_long_page_is_cut_around_the_first_mark():
    cut = around("あ" * 100 + "橋梁" + "い" * 200, ["橋りょう", "橋梁"])

    assert [piece.text for piece in cut] == ["…" + "あ" * 30, "橋梁", "い" * 58 + "…"]
    assert [piece.text for piece in around("う" * 100, ["橋"])] == ["う" * 60 + "…"]


def test_what_could_not_be_read_is_counted(auditor):
    put(auditor.tenant_id, "version:4", "", "表", scans=1)
    put(auditor.tenant_id, "version:4", "長い文書", is_cut=True)

    assert coverage(auditor) == Coverage(waiting=0, scanned=1, unreadable=0, cut=1)


def scans_of(index: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_get_xact_numscans(%s::regclass)", [index])
        return cursor.fetchone()[0]


def test_the_index_of_pairs_is_used_inside_the_function_and_not_outside_it(auditor):
    """Row security keeps a query of the application from it: arrays are not compared leakproof."""
    texts = [f"数量総括表 {number} {body_key(CLAUSES)[number % 40 :]}" for number in range(1500)]
    PageText.unscoped.bulk_create(keeping._page(auditor.tenant_id, keeping._digest(text), text) for text in texts)
    before = scans_of("page_grams")

    assert len(call("ボルト")) == 1

    assert scans_of("page_grams") == before + 1
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select from contracts_pagetext where grams @> %s::int[]", [grams.sought("ボルト")])
        plan = [line.strip() for (line,) in cursor.fetchall()]
    assert [line.startswith("Filter:") for line in plan if "grams @>" in line] == [True]
