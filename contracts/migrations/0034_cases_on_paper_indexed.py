"""Find the cases contracted on paper in a fiscal year by an index, built while the table is used."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0033_figures_of_a_year")]

    operations = [
        migrations.RunSQL("drop index concurrently if exists case_on_paper", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["tenant", "paper_contract_date"],
                condition=models.Q(("paper_contract_date__isnull", False)),
                name="case_on_paper",
            ),
        ),
    ]
