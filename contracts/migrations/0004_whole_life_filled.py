"""Close the columns that 0003 has filled, raise the walls around the new tables, and fold the cases' search keys."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity
from contracts.folding import search_key

TABLES = ("approvalact", "approvalstep", "authority", "importjob", "jvmember", "ruledraft")


def fold(apps, schema_editor):
    cases = apps.get_model("contracts", "Case")._base_manager.using(schema_editor.connection.alias)
    for case in cases.select_related("contractor").iterator():
        key = " ".join(map(search_key, (case.number, case.title, case.contractor.name)))
        cases.filter(pk=case.pk).update(search_key=key[:500])


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0003_whole_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="contractor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contracts.contractor"
            ),
        ),
        migrations.AlterField(
            model_name="contractversion",
            name="work_starts_date",
            field=models.DateField(verbose_name="工期の始期"),
        ),
        migrations.AlterField(
            model_name="contractversion",
            name="work_ends_date",
            field=models.DateField(verbose_name="工期の終期"),
        ),
        migrations.AlterField(
            model_name="contractversion",
            name="signatory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="発注者の署名者",
            ),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        *(EnableRowSecurity(f"contracts_{table}") for table in TABLES),
    ]
