"""Let the worker ask which municipalities have mails to be sent."""

from django.db import migrations

from accounts.rowsecurity import TellWhoWaits


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        TellWhoWaits(
            "notifications_who_waits",
            kinds={"mail": ("notifications_delivery", "next_attempt_at", "w.next_attempt_at is not null")},
        ),
    ]
