"""Count the term of the records of every case that is completed already, by the rules in force today."""

from django.db import migrations
from django.utils import timezone

from contracts.dates import fiscal_year
from contracts.rules.retention import retention


def count(apps, editor):
    alias = editor.connection.alias
    completions = apps.get_model("guarantees", "Completion").unscoped.using(alias).select_related("case")
    custodies = apps.get_model("contracts", "Custody").unscoped.using(alias)
    for completion in completions.order_by("tenant_id").iterator():
        rule_set = _in_force(apps, alias, completion.tenant_id)
        counted = retention(rule_set.data, kind=completion.case.kind, completed=completion.completed_date)
        custodies.filter(case_id=completion.case_id).update(
            completed_date=completion.completed_date,
            rule_set=rule_set,
            period=counted.period,
            working=counted.working,
            ends_date=counted.ends,
            due_year=fiscal_year(counted.ends) if counted.ends else None,
        )


def _rows(apps, editor, app, model):
    return apps.get_model(app, model).unscoped.using(editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0029_keeping_and_disposal"), ("guarantees", "0011_guarantees_in_the_archive")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
