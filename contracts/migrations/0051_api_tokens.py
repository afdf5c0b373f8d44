"""Keep tokens of the city's other systems, and find whose one is by its hash alone."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.relations import KeepRelationsInside, KeepTenant
from accounts.rowsecurity import EnableRowSecurity

# トークンのハッシュから、市の番号だけを答える。行は、市を定めた取引の中でしか見えない
WHOSE = f"""
    create function contracts_whose_token(digest text) returns table (tenant_id bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $body$ select t.tenant_id from contracts_apitoken t where t.hash = digest and t.revoked_at is null $body$;
    revoke all on function contracts_whose_token(text) from public;
    grant execute on function contracts_whose_token(text) to "{settings.DATABASE_APP_ROLE}";
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_relations_stay_inside'),
        ('contracts', '0050_relations_stay_inside'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='使う仕組みの名')),
                ('hint', models.CharField(max_length=12, verbose_name='トークンの初めの文字')),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('scopes', models.JSONField(default=list, verbose_name='使える範囲')),
                ('networks', models.JSONField(blank=True, default=list, verbose_name='使える接続元')),
                ('made_at', models.DateTimeField(verbose_name='作成日時')),
                ('expires_at', models.DateTimeField(verbose_name='期限')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='取消しの日時')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='最後に使われた日時')),
                ('last_used_ip', models.GenericIPAddressField(blank=True, null=True, verbose_name='最後の接続元')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='担当の職員')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': '連携のトークン',
                'verbose_name_plural': '連携のトークン',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('made_at'), '+', models.Value(datetime.timedelta(days=366))))), name='token_lives_a_year_at_most')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("contracts_apitoken"),
        KeepRelationsInside("contracts_apitoken", {"owner_id": "accounts_user", "made_by_id": "accounts_user"}),
        KeepTenant("contracts_apitoken"),
        migrations.RunSQL(WHOSE, "drop function contracts_whose_token(text);"),
    ]
