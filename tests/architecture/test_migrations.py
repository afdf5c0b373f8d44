"""Migrations run while people work: none holds up a table that grows, unless it says why that is all right."""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now

from scripts import check_migrations

LATER = check_migrations.later()


@pytest.mark.parametrize(("name", "found"), LATER, ids=[name for name, _ in LATER])
def test_a_migration_holds_nothing_up(name, found):
    assert found == []


def complaints(*operations, atomic=True, because=""):
    """Judge operations on a city with one table, `contracts_case`."""
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=100, null=True))]
    state.add_model(ModelState("contracts", "Case", fields))
    migration = migrations.Migration("9999_trial", "contracts")
    migration.operations, migration.atomic = list(operations), atomic
    if because:
        migration.lock_safe_because = because
    return check_migrations.complaints(migration, state)


def field(**values):
    return migrations.AddField("case", "added", models.CharField(max_length=9, **values))


INDEX = models.Index(fields=["title"], name="by_title")
POSITIVE = models.CheckConstraint(condition=models.Q(id__gt=0), name="positive")


@pytest.mark.parametrize(
    "operation",
    [
        field(),
        field(default="", unique=True),
        migrations.AddField("case", "added", models.DateTimeField(db_default=Now())),
        migrations.AddField("case", "other", models.ForeignKey("contracts.Case", models.PROTECT, null=True)),
        migrations.AlterField("case", "title", models.TextField(null=True)),
        migrations.AlterField("case", "title", models.CharField(max_length=50, null=True)),
        migrations.AlterField("case", "title", models.CharField(max_length=100)),
        migrations.AddIndex("case", INDEX),
        migrations.AddConstraint("case", POSITIVE),
        migrations.RemoveField("case", "title"),
        migrations.RenameField("case", "title", "name"),
        migrations.DeleteModel("case"),
        migrations.RunPython(lambda _apps, _editor: None),
        migrations.RunSQL("create index by_title on contracts_case (title)"),
        migrations.RunSQL("alter table contracts_case add constraint c check (id > 0)"),
        migrations.RunSQL("alter table contracts_case add constraint c unique (title)"),
        migrations.RunSQL("alter table contracts_case alter column title type text"),
        migrations.RunSQL("alter table contracts_case alter column title set not null"),
        migrations.RunSQL("update contracts_case set title = ''"),
        migrations.SeparateDatabaseAndState([migrations.AddIndex("case", INDEX)]),
    ],
    ids=lambda operation: operation.describe()[:60],
)
def test_what_would_hold_people_up_is_named_unless_it_says_why(operation):
    assert len(complaints(operation)) == 1
    assert complaints(operation, because="表は小さい。") == []


@pytest.mark.parametrize(
    "operation",
    [
        field(default=""),
        field(null=True),
        migrations.AlterField("case", "title", models.CharField(max_length=200, null=True)),
        AddIndexConcurrently("case", INDEX),
        migrations.RunSQL("create index concurrently by_title on contracts_case (title)"),
        migrations.RunSQL("alter table contracts_case add constraint c check (id > 0) not valid"),
        migrations.RunSQL("create table t (n int); create index i on t (n)"),
        migrations.RunSQL("create function f() returns void language sql as $body$ update t set n = 1 $body$"),
    ],
    ids=lambda operation: operation.describe()[:60],
)
def test_what_holds_nobody_up_passes(operation):
    assert complaints(operation) == []


def test_a_table_made_in_the_same_migration_may_be_treated_at_will():
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]

    assert (
        complaints(
            migrations.CreateModel("Fresh", fields),
            migrations.AddIndex("fresh", models.Index(fields=["name"], name="fresh_name")),
        )
        == []
    )
