from django.db import migrations, models
from django.db.models.functions import Lower

LOWER = "update accounts_user set email = lower(email) where email <> lower(email)"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_assertions_arrive_once")]

    lock_safe_because = "団体も職員も、多くて数万行の表。書き直しと確かめは、一秒とかからない"

    operations = [
        migrations.AddField(
            model_name="organization",
            name="networks",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="使える接続元"),
        ),
        migrations.RunSQL(LOWER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", Lower("email"))), name="address_in_lower_case"
            ),
        ),
    ]
