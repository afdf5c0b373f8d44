"""Fold the names that are searched by again, for more letters are known; in steps that commit, on a live table.

Few names change: only those are written. The archive's own keys are made by 0025.
"""

from django.db import migrations, transaction

from contracts.folding import search_keys

STEP = 2000
FIRMS = ("name", "branch", "registration_number")
CASES = ("number", "title", "contractor__name")


def fold(apps, editor):
    alias = editor.connection.alias
    for model, key, columns, longest in (
        ("Contractor", "name_key", FIRMS, 200),
        ("Case", "search_key", CASES, 500),
    ):
        rows, last = apps.get_model("contracts", model).unscoped.using(alias).order_by("pk"), 0
        while last is not None:
            with transaction.atomic(using=alias):
                last = fold_after(last, rows, key, columns, longest)


def fold_after(last, rows, key, columns, longest):
    """Fold one step of rows after an id; return the last of them, None when there were none."""
    step = list(rows.filter(pk__gt=last).values_list("pk", key, *columns)[:STEP])
    for pk, before, *texts in step:
        after = search_keys(*texts, longest=longest)
        if after != before:
            rows.filter(pk=pk).update(**{key: after})
    return step[-1][0] if step else None


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0035_audit_sets")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
