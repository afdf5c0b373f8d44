"""Let an organization choose words of its own for its mails, and keep those that a mail was sent with."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_underwriters"),
        ("notifications", "0005_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="own_words",
            field=models.JSONField(default=dict, verbose_name="団体の文面"),
        ),
        migrations.CreateModel(
            name="MailWording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(max_length=100, verbose_name="文面")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="件名")),
                ("lead", models.TextField(blank=True, verbose_name="はじめの文")),
                ("note", models.TextField(blank=True, verbose_name="添える文")),
                ("edit_number", models.PositiveIntegerField(default=0)),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "メールの文面",
                "verbose_name_plural": "メールの文面",
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "template"), name="one_wording_for_each_mail")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("notifications_mailwording"),
    ]
