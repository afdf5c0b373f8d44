"""Every answer of a search becomes one row of a file, in the order asked, read a few at a time."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import Organization, Role
from contracts.archive import exporting, searching
from contracts.archive.asking import Wanted
from contracts.archive.paging import COLUMNS, Order
from contracts.folding import search_key
from contracts.models import ArchiveEntry
from tests import factories
from tests.contracts.archive.conftest import fill


@pytest.fixture
def auditor(db):
    city = factories.city("tosu")
    fill(city, seed=1)
    return factories.staff(city, Role.AUDITOR)


@pytest.mark.parametrize("by", COLUMNS)
@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
def test_each_answer_is_one_row_in_the_order_asked(auditor, monkeypatch, by, descending):
    monkeypatch.setattr(exporting, "AT_A_TIME", 7)
    order, wanted = Order(by=by, descending=descending), Wanted(words=("橋",))

    written = list(exporting.rows(wanted, actor=auditor, order=order))

    right = searching.matching(wanted, actor=auditor).order_by(*order.columns)
    assert len(written) > 50
    assert [row[5:9] for row in written] == list(right.values_list("number", "title", "party", "amount"))


def test_a_row_says_in_words_what_the_entry_is(auditor):
    department = factories.case(Organization.objects.get(pk=auditor.tenant_id)).department
    entry = ArchiveEntry.unscoped.create(
        tenant_id=auditor.tenant_id, what=1, state=2, subject="test:words", concluded_date=date(2026, 3, 11),
        fiscal_year=2025, amount=54_000_000, kind="construction", kind_label="建設工事", number="R7-特1",
        title="特別な工事", party="㈱髙﨑建設", title_key=search_key("特別な工事"),
        party_key="高崎建設", number_key="r7特1",
        department=department,
    )  # fmt: skip

    (row,) = exporting.rows(Wanted(words=("特別な",)), actor=auditor)

    assert dict(zip(exporting.heading(), row, strict=True)) == {
        "種別": "契約",
        "状態": "変更済",
        "契約日": date(2026, 3, 11),
        "年度": 2025,
        "区分": "建設工事",
        "工事番号": entry.number,
        "件名": "特別な工事",
        "取引先": "㈱髙﨑建設",
        "金額（円）": 54_000_000,
        "担当課": department.name,
    }


def test_only_the_chosen_columns_are_written_in_the_order_chosen(auditor):
    rows = list(exporting.rows(Wanted(words=("橋",)), actor=auditor, columns=("amount", "title")))

    right = searching.matching(Wanted(words=("橋",)), actor=auditor).order_by("-concluded_date", "-id")
    assert exporting.heading(("amount", "title")) == ("金額（円）", "件名")
    assert rows == list(right.values_list("amount", "title"))


def test_the_rows_are_read_a_few_at_a_time(auditor, monkeypatch):
    monkeypatch.setattr(exporting, "AT_A_TIME", 10)
    rows = exporting.rows(Wanted(), actor=auditor)

    with CaptureQueriesContext(connection) as asked:
        for _ in range(10):
            next(rows)

    reads = [query["sql"] for query in asked if "contracts_archiveentry" in query["sql"]]
    assert len(reads) == 1
    assert "LIMIT 10" in reads[0]


def test_between_two_handfuls_no_city_is_open(auditor):
    rows = exporting.rows(Wanted(), actor=auditor)
    before = tenancy.current_tenant()

    next(rows)

    assert tenancy.current_tenant() == before
