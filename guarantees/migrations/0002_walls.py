"""Raise the wall between municipalities around every table of guarantees."""

from django.db import migrations

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("guarantees", "0001_initial"), ("accounts", "0002_walls_below")]

    operations = [EnableRowSecurity("guarantees_institution"), EnableRowSecurity("guarantees_guarantee")]
