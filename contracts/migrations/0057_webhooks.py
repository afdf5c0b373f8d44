"""Keep the addresses that are told of events, and every message to them; tell who waits and how it goes."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.relations import KeepRelationsInside, KeepTenant
from accounts.rowsecurity import EnableRowSecurity, TellHowItGoes, TellWhoWaits

MESSAGES = ("contracts_webhookmessage", "due_at", "w.due_at is not null")
ANSWERS = ("contracts_apianswer", "made_at", "true")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_deeds_are_counted'),
        ('contracts', '0056_former_cities_do_not_wait'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='受け取る仕組みの名')),
                ('url', models.CharField(max_length=500, verbose_name='宛先')),
                ('kinds', models.JSONField(default=list, verbose_name='知らせる出来事')),
                ('sealed_secret', models.BinaryField(null=True, verbose_name='署名の秘密（暗号化）')),
                ('sealed_former', models.BinaryField(blank=True, null=True, verbose_name='前の秘密（暗号化）')),
                ('former_until', models.DateTimeField(blank=True, null=True, verbose_name='前の秘密を使い終える日時')),
                ('made_at', models.DateTimeField(verbose_name='作成日時')),
                ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='届かなくなった日時')),
                ('stopped_at', models.DateTimeField(blank=True, null=True, verbose_name='止めた日時')),
                ('stopped_because', models.CharField(blank=True, max_length=200, verbose_name='止めたわけ')),
            ],
            options={
                'verbose_name': '知らせの宛先',
                'verbose_name_plural': '知らせの宛先',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(max_length=60, verbose_name='知らせの名')),
                ('kind', models.CharField(max_length=60, verbose_name='出来事')),
                ('body', models.TextField(verbose_name='内容')),
                ('made_at', models.DateTimeField(verbose_name='起きた日時')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='次に送る日時')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='送った回数')),
                ('first_tried_at', models.DateTimeField(blank=True, null=True, verbose_name='初めに送った日時')),
                ('last_tried_at', models.DateTimeField(blank=True, null=True, verbose_name='最後に送った日時')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='届いた日時')),
                ('last_answer', models.CharField(blank=True, max_length=200, verbose_name='最後の答え')),
            ],
            options={
                'verbose_name': '知らせ',
                'verbose_name_plural': '知らせ',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='webhook',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='webhook',
            name='tenant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='webhookmessage',
            name='tenant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='webhookmessage',
            name='webhook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='contracts.webhook'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stopped_at__isnull', True), ('stopped_because', '')), models.Q(('stopped_at__isnull', False), models.Q(('stopped_because', ''), _negated=True)), _connector='OR'), name='webhook_stops_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['tenant', 'due_at'], name='webhook_due'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(fields=['tenant', 'webhook', '-id'], name='webhook_log'),
        ),
        migrations.AddConstraint(
            model_name='webhookmessage',
            constraint=models.UniqueConstraint(fields=('tenant', 'webhook', 'uid'), name='one_message_per_name'),
        ),
        migrations.AddConstraint(
            model_name='webhookmessage',
            constraint=models.CheckConstraint(condition=models.Q(('taken_at__isnull', True), ('due_at__isnull', True), _connector='OR'), name='taken_messages_are_not_due'),
        ),
        EnableRowSecurity("contracts_webhook"),
        EnableRowSecurity("contracts_webhookmessage"),
        KeepRelationsInside("contracts_webhook", {"made_by_id": "accounts_user"}),
        KeepRelationsInside("contracts_webhookmessage", {"webhook_id": "contracts_webhook"}),
        KeepTenant("contracts_webhook", "contracts_webhookmessage"),
        TellWhoWaits("contracts_who_is_told", kinds={"tell": MESSAGES}),
        TellHowItGoes("contracts_how_telling_goes", kinds={"webhook": (*MESSAGES, "w.last_answer <> ''")}),
        TellWhoWaits("contracts_whose_answers_age", kinds={"forget": ANSWERS}),
        TellHowItGoes("contracts_how_old_answers_are", kinds={"answer": (*ANSWERS, "false")}),
    ]
