"""Contracts concluded before the archive was widened: the migration gives their rows what filing gives today."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connections, transaction

from accounts import tenancy
from contracts.folding import search_key
from contracts.models import Archived, ArchiveEntry, Case, Contract, ContractKind, Contractor
from tests.contracts.pages.test_archive import entry
from tests.copies import database_copy
from tests.stories import Story, story

# 広げる前の行: 契約の版だけがあり、あとで足した列は空で、件名と番号は一つの鍵だった
AS_BEFORE = """
    drop index one_current_entry_per_subject;
    alter table contracts_archiveentry disable trigger user;
    update contracts_archiveentry set subject = '', what = 1, case_id = null, department_id = null, fiscal_year = 0,
        title_key = title_key || number_key, number_key = '', party_key = party;
    alter table contracts_archiveentry enable trigger user;
"""
COLUMNS = ("subject", "what", "case_id", "department_id", "fiscal_year", "title_key", "number_key", "party_key")


@pytest.fixture
def cities(django_db_setup: None, django_db_blocker) -> Iterator[list[Story]]:
    """Two cities with two contracts each, in a copy of the database; one of the contracts is an amendment."""
    with django_db_blocker.unblock(), database_copy("upgrade"):
        with transaction.atomic():
            told = [_filled("tosu"), _filled("usuki")]
            Contract.unscoped.filter(case=told[1].case).update(kind=ContractKind.AMENDMENT, number=1)
        yield told


def _filled(slug: str) -> Story:
    told = story(slug)
    entry(told)
    entry(told, case=told.case, party="㈲澤田電設", title="元町𣘺補修設計")
    return told


def rows(cities: list[Story]) -> list[dict]:
    found: list[dict] = []
    for told in cities:
        with tenancy.acting_for(told.tenant.pk):
            found += ArchiveEntry.unscoped.order_by("pk").values(*COLUMNS)
    return found


def test_the_rows_of_before_become_what_filing_writes_today_also_when_it_is_stopped_in_the_middle(cities, monkeypatch):
    filled = import_module("contracts.migrations.0025_archive_filled")
    wanted = rows(cities)
    wanted[-1]["what"] = Archived.AMENDMENT
    with connections["owner"].cursor() as cursor:
        cursor.execute(AS_BEFORE)
    assert not any(row["subject"] or row["case_id"] for row in rows(cities))

    monkeypatch.setattr(filled, "STEP", 3)
    with connections["owner"].schema_editor(atomic=False) as editor:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            assert filled.fill_after(0, cursor)
        assert [bool(row["subject"]) for row in rows(cities)] == [True, True, True, False]

        filled.fill(None, editor)
        filled.fill(None, editor)

    assert rows(cities) == wanted


def test_names_are_folded_again_with_the_letters_that_are_known_now(cities, monkeypatch):
    folded = import_module("contracts.migrations.0036_folded_again")
    case = cities[0].case
    with tenancy.acting_for(case.tenant_id):
        Contractor.unscoped.filter(pk=case.contractor_id).update(name="㈱龜山組", name_key="龜山組")
        Case.unscoped.filter(pk=case.pk).update(title="渡廊下假設", search_key="x")

    monkeypatch.setattr(folded, "STEP", 1)
    with connections["owner"].schema_editor(atomic=False) as editor:
        folded.fold(apps, editor)

    with tenancy.acting_for(case.tenant_id):
        case.refresh_from_db()
        assert case.contractor.name_key.startswith("亀山組")
        assert (search_key("渡廊下仮設") in case.search_key, "亀山組" in case.search_key) == (True, True)
