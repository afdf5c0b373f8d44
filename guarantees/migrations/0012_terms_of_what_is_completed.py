"""Count the term of the records of every case that is completed already, by the rules in force today."""

from django.db import migrations
from django.utils import timezone

from contracts.dates import fiscal_year
from contracts.rules.retention import retention


def count(apps, editor):
    def rows(app, model):
        return apps.get_model(app, model).unscoped.using(editor.connection.alias)

    for completion in rows("guarantees", "Completion").select_related("case").order_by("tenant_id").iterator():
        rules = rows("contracts", "RuleSet").filter(tenant_id=completion.tenant_id)
        rule_set = rules.filter(effective_date__lte=timezone.localdate()).latest("number")
        counted = retention(rule_set.data, kind=completion.case.kind, completed=completion.completed_date)
        rows("contracts", "Custody").filter(case_id=completion.case_id).update(
            completed_date=completion.completed_date,
            rule_set=rule_set,
            period=counted.period,
            working=counted.working,
            ends_date=counted.ends,
            due_year=fiscal_year(counted.ends) if counted.ends else None,
        )


class Migration(migrations.Migration):
    dependencies = [("contracts", "0029_keeping_and_disposal"), ("guarantees", "0011_guarantees_in_the_archive")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
