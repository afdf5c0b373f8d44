"""Find the guarantees that were deposited in a fiscal year by an index, built while the table is used."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("contracts", "0033_figures_of_a_year"),
        ("guarantees", "0012_terms_of_what_is_completed"),
    ]

    operations = [
        migrations.RunSQL("drop index concurrently if exists guarantee_deposited", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="guarantee",
            index=models.Index(
                fields=["tenant", "decided_at"],
                condition=models.Q(("amends__isnull", True), ("decided_at__isnull", False)),
                name="guarantee_deposited",
            ),
        ),
    ]
