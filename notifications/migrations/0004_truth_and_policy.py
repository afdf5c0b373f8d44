"""Keep what became of every mail, and in whose name and at which hours a house writes."""

import datetime
import django.db.models.deletion
import django.db.models.manager
import uuid
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity

# それまでの Message-ID は、どれも <uuid@ドメイン> の形
NAMED = "update notifications_delivery set uid = substring(message_id from 2 for 36)::uuid"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_underwriters'),
        ('notifications', '0003_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender_name', models.CharField(blank=True, max_length=100, verbose_name='差出人の名前')),
                ('sender_address', models.CharField(blank=True, max_length=254, verbose_name='差出人のアドレス')),
                ('reply_to', models.CharField(blank=True, max_length=254, verbose_name='返信先のアドレス')),
                ('quiet_from', models.TimeField(default=datetime.time(18, 30), verbose_name='送信を控え始める時刻')),
                ('quiet_until', models.TimeField(default=datetime.time(8, 0), verbose_name='送信を控え終える時刻')),
                ('morning', models.TimeField(default=datetime.time(8, 0), verbose_name='朝のまとめを送る時刻')),
                ('remind_at', models.DateTimeField(editable=False, null=True, verbose_name='次にまとめを作る日時')),
                ('edit_number', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'メールの設定',
                'verbose_name_plural': 'メールの設定',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='sent_exactly_when_dated',
        ),
        migrations.RemoveConstraint(
            model_name='delivery',
            name='due_exactly_while_waiting',
        ),
        migrations.AddField(
            model_name='delivery',
            name='about',
            field=models.CharField(blank=True, max_length=100, verbose_name='何のメールか'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='answers',
            field=models.JSONField(default=list, verbose_name='相手の答え'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='bounce_code',
            field=models.CharField(blank=True, max_length=20, verbose_name='不達の記号'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='bounced_at',
            field=models.DateTimeField(null=True, verbose_name='不達が分かった日時'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='cancel_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='取り消した理由'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='cancelled_at',
            field=models.DateTimeField(null=True, verbose_name='取り消した日時'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='link_hash',
            field=models.CharField(blank=True, max_length=64, verbose_name='リンクの印'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='recipient_name',
            field=models.CharField(blank=True, max_length=300, verbose_name='宛名'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='uid',
            field=models.UUIDField(null=True),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='delivery',
            name='uid',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='key',
            field=models.CharField(max_length=500, verbose_name='用件'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('queued', '未送信'), ('sending', '送信中'), ('sent', '送信済'), ('failed', '送信できず'), ('bounced', '不達'), ('cancelled', '取消し')], default='queued', max_length=10, verbose_name='状態'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='to',
            field=models.CharField(max_length=254, verbose_name='宛先'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('link_hash', ''), _negated=True), fields=['tenant', 'link_hash'], name='delivery_link'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['failed', 'bounced'])), fields=['tenant', '-id'], name='delivery_lost'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), ('state', 'bounced'), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='sent_exactly_when_dated'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_attempt_at__isnull', False), ('state__in', ['queued', 'sending'])), models.Q(models.Q(('state__in', ['queued', 'sending']), _negated=True), ('next_attempt_at__isnull', True)), _connector='OR'), name='due_exactly_while_waiting'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bounced_at__isnull', False), ('state', 'bounced')), models.Q(models.Q(('state', 'bounced'), _negated=True), ('bounced_at__isnull', True)), _connector='OR'), name='bounced_exactly_when_dated'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('state', 'cancelled')), models.Q(models.Q(('state', 'cancelled'), _negated=True), ('cancelled_at__isnull', True)), _connector='OR'), name='cancelled_exactly_when_dated'),
        ),
        migrations.AddField(
            model_name='mailpolicy',
            name='tenant',
            field=models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='mail_policy', to='accounts.organization', verbose_name='団体'),
        ),
        migrations.AddIndex(
            model_name='mailpolicy',
            index=models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['tenant', 'remind_at'], name='mornings_to_come'),
        ),
        EnableRowSecurity('notifications_mailpolicy'),
    ]
