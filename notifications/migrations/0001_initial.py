import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_walls_below"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, verbose_name="用件")),
                ("to", models.EmailField(max_length=254, verbose_name="宛先")),
                ("template", models.CharField(max_length=100, verbose_name="文面")),
                ("context", models.JSONField(default=dict, verbose_name="差込")),
                ("sealed_link", models.BinaryField(null=True, verbose_name="リンク（暗号化）")),
                ("thread", models.CharField(blank=True, max_length=100, verbose_name="綴り")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "送信待ち"),
                            ("sending", "送信中"),
                            ("sent", "送信済"),
                            ("failed", "送信できず"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="試行回数")),
                ("created_at", models.DateTimeField(verbose_name="登録日時")),
                ("next_attempt_at", models.DateTimeField(null=True, verbose_name="次の試行日時")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="送信日時")),
                ("message_id", models.CharField(max_length=200, verbose_name="Message-ID")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="直近の不達理由")),
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
                "verbose_name": "通知",
                "verbose_name_plural": "通知",
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["tenant", "next_attempt_at"],
                        name="delivery_due",
                    ),
                    models.Index(fields=["tenant", "thread", "-id"], name="delivery_thread"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "key"), name="told_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="sent_exactly_when_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_attempt_at__isnull", False), ("state__in", ["queued", "sending"])),
                            models.Q(("state__in", ["sent", "failed"]), ("next_attempt_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="due_exactly_while_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sealed_link__isnull", True), ("state__in", ["queued", "sending"]), _connector="OR"
                        ),
                        name="link_kept_only_while_waiting",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("notifications_delivery"),
    ]
