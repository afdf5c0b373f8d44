"""A played story is backed up, everything is destroyed, and what comes back is what was there."""

import shutil

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from accounts import tenancy
from contracts import reading
from contracts.models import Document
from signing import setup
from signing.results import Verdict
from signing.verification import verify
from tests import factories
from tests.config.backups.conftest import House, run, scratch_databases

pytestmark = pytest.mark.xdist_group("backups")


def contents(house: House) -> dict[int, bytes]:
    with tenancy.acting_for(house.story.tenant.pk):
        return {each.pk: reading.content_of(each) for each in Document.unscoped.order_by("pk")}


def rules_of(house: House) -> list[tuple[str, ...]]:
    """List what guards the tables: policies, triggers, constraints, grants, functions."""
    statements = (
        "select tablename, policyname, roles::text, qual, with_check from pg_policies order by 1, 2",
        "select relname, relrowsecurity::text, relforcerowsecurity::text, relacl::text from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'i') order by 1",
        "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1",
        # 制約の式は、読み直すと書き方だけが変わる
        "select conrelid::regclass::text, conname, contype::text, convalidated::text from pg_constraint"
        " where connamespace = 'public'::regnamespace order by 1, 2",
        "select proname, prosecdef::text, pg_get_functiondef(oid), proacl::text from pg_proc"
        " where proowner = 'musubi_owner'::regrole and prokind = 'f' order by 1",
        "select defaclobjtype::text, defaclacl::text from pg_default_acl order by 1",
    )
    with connections["owner"].cursor() as cursor:
        found = []
        for statement in statements:
            cursor.execute(statement)
            found += cursor.fetchall()
    return found


def test_everything_comes_back_as_it_was(house: House):
    before, guards = contents(house), rules_of(house)
    house.backup()
    house.empty_database()
    shutil.rmtree(house.vault)
    shutil.rmtree(house.room / "anchors")

    code, said = run("restore")
    assert (code, "verify_restored" in said) == (0, True), said

    assert contents(house) == before
    assert rules_of(house) == guards
    assert all(verify(each, trust=setup.trust()).verdict is Verdict.VALID for each in before.values())
    code, said = run("verify_restored")
    assert code == 0, said
    assert f"文書: {len(before)} 件のうち {len(before)} 件が合格しました。" in said
    assert "1 本、つながっています（外に 1 本）" in said


def test_people_sign_in_as_before_and_the_walls_stand(house: House):
    house.backup()
    house.empty_database()
    shutil.rmtree(house.vault)
    shutil.rmtree(house.room / "anchors")
    assert run("restore")[0] == 0

    client = Client()
    answer = client.post("/accounts/login/", {"login": house.story.approver.email, "password": factories.PASSWORD})

    assert answer.status_code == 302
    with connections["default"].cursor() as cursor:
        cursor.execute("select current_user, (select count(*) from contracts_case)")
        assert cursor.fetchone() == ("musubi_app", 0)


def test_nothing_is_brought_onto_what_is_there(house: House):
    house.backup()
    assert "データベース" in run("restore")[1]

    house.empty_database()
    code, said = run("restore")

    assert (code, "ファイルの置き場が空ではありません" in said) == (1, True)
    shutil.move(house.vault, house.room / "aside")
    assert run("restore")[0] == 0


def test_a_backup_is_proved_in_a_scratch_database_that_is_gone_afterwards(house: House):
    house.backup()

    code, said = run("verify_backup")

    assert code == 0, said
    assert "戻せることを確かめました" in said
    assert scratch_databases() == []


def test_the_role_that_makes_backups_sees_everything_and_writes_nothing(house: House):
    from config.backups import postgres, snapshot

    with postgres.connect(settings.BACKUP_DATABASE) as connection:
        assert snapshot.count(connection, "contracts_case") == 1
        for statement in ("delete from contracts_case", "create table mine (x int)"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)
            connection.rollback()
        connection.execute("set transaction read write")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from contracts_case")
