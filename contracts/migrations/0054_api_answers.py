"""Remember what a POST with an Idempotency-Key was answered."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.relations import KeepRelationsInside, KeepTenant
from accounts.rowsecurity import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_relations_stay_inside'),
        ('contracts', '0053_how_it_goes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('asked', models.CharField(max_length=64, verbose_name='求めの SHA-256')),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contracts.apitoken')),
            ],
            options={
                'verbose_name': '連携の答え',
                'verbose_name_plural': '連携の答え',
                'abstract': False,
                'base_manager_name': 'unscoped',
                'indexes': [models.Index(fields=['tenant', 'token', 'made_at'], name='answer_by_age')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'token', 'key'), name='one_answer_per_key')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        EnableRowSecurity("contracts_apianswer"),
        KeepRelationsInside("contracts_apianswer", {"token_id": "contracts_apitoken"}),
        KeepTenant("contracts_apianswer"),
    ]
