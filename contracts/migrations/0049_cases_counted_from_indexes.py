"""Count what waits, and how far each case has come, from indexes alone, built while the tables are used."""

from django.db import migrations, models

from accounts.liveindexes import BuildIndex

OPEN = ("state__in", ["contracting", "registered"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contracts", "0048_readings_of_names")]

    operations = [
        BuildIndex(
            model_name="case",
            index=models.Index(
                fields=["tenant", "conclusion_deadline_date"],
                include=["id", "state", "department", "registered_by", "contractor"],
                condition=models.Q(OPEN),
                name="case_open",
            ),
        ),
        BuildIndex(
            model_name="case",
            index=models.Index(
                fields=["tenant", "conclusion_deadline_date"],
                include=["id", "state", "department", "registered_by"],
                condition=models.Q(("econtract_verdict__eligible", True), OPEN),
                name="case_open_and_eligible",
            ),
        ),
        BuildIndex(
            model_name="consent",
            index=models.Index(
                fields=["tenant", "case", "contractor", "id"],
                include=["state", "address_confirmed_at"],
                name="consent_of_case",
            ),
        ),
        BuildIndex(
            model_name="contractversion",
            index=models.Index(fields=["tenant", "contract", "-number"], include=["state"], name="version_by_number"),
        ),
    ]
