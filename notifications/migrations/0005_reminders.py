"""Remember what people were reminded of, and let the worker ask whose morning has come."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity

# 設定の行がまだない団体も、朝を迎える。壁の向こうの行の有無は、持ち主として動く関数だけが知る
WHOSE = """
    create function notifications_whose_morning(moment timestamptz)
    returns table (tenant_id bigint, work text, several boolean)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select o.id, 'remind', false from accounts_organization o
        left join notifications_mailpolicy p on p.tenant_id = o.id
        where o.kind in ('municipality', 'guarantor') and (p.remind_at is null or p.remind_at <= moment)
    $body$;
    revoke all on function notifications_whose_morning(timestamptz) from public;
    grant execute on function notifications_whose_morning(timestamptz) to "{role}";
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_underwriters"),
        ("notifications", "0004_truth_and_policy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=30, verbose_name="決まり")),
                ("subject", models.CharField(max_length=100, verbose_name="何について")),
                ("planned", models.DateField(verbose_name="予定の日")),
                ("to", models.CharField(max_length=254, verbose_name="宛先")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="notifications.delivery",
                    ),
                ),
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
                "verbose_name": "催促",
                "verbose_name_plural": "催促",
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["tenant", "planned"], name="reminder_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "rule", "subject", "planned", "to"), name="reminded_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("notifications_reminder"),
        migrations.RunSQL(
            WHOSE.format(role=settings.DATABASE_APP_ROLE), "drop function notifications_whose_morning(timestamptz);"
        ),
    ]
