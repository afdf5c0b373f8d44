"""Raise the wall between municipalities around every table of contracts."""

from django.db import migrations

from accounts.rowsecurity import EnableRowSecurity

TABLES = (
    "accesslink",
    "archiveentry",
    "case",
    "consent",
    "contract",
    "contractor",
    "contractversion",
    "document",
    "revision",
    "ruleset",
    "signingjob",
    "signingstep",
)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial"), ("accounts", "0002_walls_below")]

    operations = [EnableRowSecurity(f"contracts_{table}") for table in TABLES]
