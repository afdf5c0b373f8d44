"""What a SAML provider's answers proved, each once."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.relations import KeepRelationsInside, KeepTenant
from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0018_former_cities'),
    ]

    operations = [
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assertion_hash', models.CharField(max_length=64, verbose_name='Assertion の名（ハッシュ）')),
                ('request_id', models.CharField(max_length=200, verbose_name='こちらの問いの名')),
                ('subject', models.CharField(max_length=255, verbose_name='認証基盤での番号')),
                ('address', models.CharField(blank=True, max_length=254, verbose_name='アドレス')),
                ('is_sure', models.BooleanField(verbose_name='アドレスが確かか')),
                ('token_hash', models.CharField(max_length=64, verbose_name='引換えの値（ハッシュ）')),
                ('arrived_at', models.DateTimeField(verbose_name='届いた日時')),
                ('expires_at', models.DateTimeField(verbose_name='期限')),
                ('taken_at', models.DateTimeField(null=True, verbose_name='引き換えた日時')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.identityprovider')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': '届いた Assertion',
                'verbose_name_plural': '届いた Assertion',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'assertion_hash'), name='one_arrival_per_assertion'), models.UniqueConstraint(fields=('tenant', 'token_hash'), name='one_arrival_per_token')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("accounts_arrival"),
        KeepRelationsInside("accounts_arrival", {"provider_id": "accounts_identityprovider"}),
        KeepTenant("accounts_arrival"),
    ]
