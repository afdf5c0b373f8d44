"""Identity providers of cities, whom they mean, and a question that names cities by the domain of an address alone."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.relations import KeepRelationsInside, KeepTenant
from accounts.rowsecurity import EnableRowSecurity

# サインインの前には、どの市の行も見えない。ドメインから、市の番号と、求めているかだけを答える
SPEAKERS = f"""
    create function accounts_who_speaks_for(domain text) returns table (tenant_id bigint, required boolean)
    language sql stable security definer set search_path = public, pg_temp
    as $body$
        select p.tenant_id, p.is_required from accounts_identityprovider p
        where p.stage = 'active' and domain = any(p.domains)
    $body$;
    revoke all on function accounts_who_speaks_for(text) from public;
    grant execute on function accounts_who_speaks_for(text) to "{settings.DATABASE_APP_ROLE}";
"""
PEOPLE = {"settled_by_id": "accounts_user", "keyholder_id": "accounts_user"}


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_sessions_with_owners'),
    ]

    operations = [
        migrations.CreateModel(
            name='FederatedIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=500, verbose_name='発行者')),
                ('subject', models.CharField(max_length=255, verbose_name='認証基盤での番号')),
                ('address', models.EmailField(max_length=254, verbose_name='結び付けたときのアドレス')),
                ('bound_at', models.DateTimeField(verbose_name='結び付けた日時')),
                ('last_at', models.DateTimeField(verbose_name='最後に使った日時')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '認証基盤との結び付き',
                'verbose_name_plural': '認証基盤との結び付き',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'issuer', 'subject'), name='one_person_per_subject'), models.UniqueConstraint(fields=('tenant', 'issuer', 'user'), name='one_subject_per_person')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('oidc', 'OpenID Connect'), ('saml', 'SAML 2.0')], default='oidc', max_length=10, verbose_name='方式')),
                ('stage', models.CharField(choices=[('draft', '準備中'), ('active', '使用中'), ('retired', '使用を終えた')], default='draft', max_length=10, verbose_name='段階')),
                ('issuer', models.CharField(max_length=500, verbose_name='発行者')),
                ('client_id', models.CharField(blank=True, max_length=300, verbose_name='クライアントID')),
                ('sealed_secret', models.BinaryField(blank=True, null=True, verbose_name='クライアントシークレット（暗号化）')),
                ('places', models.JSONField(default=dict, verbose_name='行き先')),
                ('address_claim', models.CharField(choices=[('email', 'email'), ('preferred_username', 'preferred_username'), ('upn', 'upn')], default='email', max_length=30, verbose_name='メールアドレスの載る項目')),
                ('vouches', models.BooleanField(default=False, verbose_name='アドレスは市が管理している')),
                ('domains', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=253), size=None, verbose_name='ドメイン')),
                ('is_required', models.BooleanField(default=False, verbose_name='職員に求める')),
                ('settled_at', models.DateTimeField(verbose_name='設定した日時')),
                ('tried_at', models.DateTimeField(null=True, verbose_name='試した日時')),
                ('tried_as', models.CharField(blank=True, max_length=400, verbose_name='試した結果')),
                ('begun_at', models.DateTimeField(null=True, verbose_name='使い始めた日時')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='使い終えた日時')),
                ('keyholder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='非常時の運用管理者')),
                ('settled_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': '認証基盤',
                'verbose_name_plural': '認証基盤',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage', 'draft')), fields=('tenant',), name='one_provider_prepared'), models.UniqueConstraint(condition=models.Q(('stage', 'active')), fields=('tenant',), name='one_provider_in_use'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'active'), _negated=True), models.Q(('begun_at__isnull', False), ('ended_at__isnull', True), ('tried_at__isnull', False)), _connector='OR'), name='provider_in_use_was_tried'), models.CheckConstraint(condition=models.Q(('is_required', False), models.Q(('keyholder__isnull', False), ('stage', 'active')), _connector='OR'), name='provider_required_leaves_a_way_in')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("accounts_federatedidentity"),
        EnableRowSecurity("accounts_identityprovider"),
        KeepRelationsInside("accounts_federatedidentity", {"user_id": "accounts_user"}),
        KeepRelationsInside("accounts_identityprovider", PEOPLE),
        KeepTenant("accounts_federatedidentity", "accounts_identityprovider"),
        migrations.RunSQL(SPEAKERS, "drop function accounts_who_speaks_for(text);"),
    ]
