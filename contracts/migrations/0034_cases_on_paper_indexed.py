"""Find the cases contracted on paper in a fiscal year by an index, built while the table is used."""

from django.db import migrations, models

from accounts.liveindexes import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0033_figures_of_a_year")]

    operations = [
        BuildIndex(
            model_name="case",
            index=models.Index(
                fields=["tenant", "paper_contract_date"],
                condition=models.Q(("paper_contract_date__isnull", False)),
                name="case_on_paper",
            ),
        ),
    ]
