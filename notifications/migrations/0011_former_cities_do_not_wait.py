"""Count no work of a city that has left: nobody works on it, and it would seem to be late for ever."""

from importlib import import_module

from django.db import migrations

from accounts.rowsecurity import TellHowItGoes

BEFORE = import_module("notifications.migrations.0010_how_it_goes").Migration.operations
[COUNTED] = [each for each in BEFORE if isinstance(each, TellHowItGoes)]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0010_how_it_goes"), ("accounts", "0018_former_cities")]

    operations = [
        migrations.RunSQL(COUNTED.reverse_sql, COUNTED.sql),
        TellHowItGoes(COUNTED.function, kinds=COUNTED.kinds),
    ]
