"""Visits of operators to a city: seen by the city, and by the visitor."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.relations import KeepTenant
from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits

OWN_VISIT = (
    "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    " or visitor_id = nullif(current_setting('app.user_id', true), '')::bigint"
)
OPEN = {"visit": ("accounts_visit", "ends_at", "w.ended_at is null")}


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_tries_at_the_door'),
    ]

    operations = [
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visitor_name', models.CharField(max_length=100, verbose_name='立ち入る人')),
                ('visitor_email', models.EmailField(max_length=254, verbose_name='メールアドレス')),
                ('operator_name', models.CharField(max_length=100, verbose_name='運営者')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('began_at', models.DateTimeField(verbose_name='始まり')),
                ('ends_at', models.DateTimeField(verbose_name='期限')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='終わり')),
                ('ended_how', models.CharField(blank=True, choices=[('term', '期限が来た'), ('visitor', '運営者が終えた'), ('city', '自治体が終えさせた')], max_length=20, verbose_name='終わり方')),
                ('ended_by', models.CharField(blank=True, max_length=100, verbose_name='終えた人')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '立入り',
                'verbose_name_plural': '立入り',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['tenant', 'ends_at'], name='visit_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('began_at')), ('ends_at__lte', django.db.models.expressions.CombinedExpression(models.F('began_at'), '+', models.Value(datetime.timedelta(seconds=14400))))), name='visit_lasts_some_hours'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_how', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_how', ''), _negated=True)), _connector='OR'), name='visit_ended_exactly_when_known_how'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='visit_has_a_reason'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('visitor',), name='one_visit_at_a_time')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("accounts_visit", using=OWN_VISIT),
        KeepTenant("accounts_visit"),
        TellWhoWaits("accounts_whose_visits_end", kinds=OPEN),
    ]
