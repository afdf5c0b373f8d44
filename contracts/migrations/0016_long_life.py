"""Keep the evidence of concluded contracts alive, and attest each: rows for the work, also for what is concluded already."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits

# 既に締結したもの。証拠の期限は、worker が文書を読んで知る。
FILL = """
    insert into contracts_renewal (tenant_id, document_id, due_at, fence, failures, last_error)
    select d.tenant_id, d.id, now(), 0, 0, ''
    from contracts_document d
    join contracts_contractversion v on v.id = d.version_id and v.state = 'concluded'
    where d.removed_at is null;
    insert into contracts_conclusioncertificate (tenant_id, version_id, due_at, fence, failures, last_error)
    select v.tenant_id, v.id, now(), 0, 0, '' from contracts_contractversion v where v.state = 'concluded';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_accepts_signed'),
        ('contracts', '0015_mailed_as_received'),
        ('vault', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConclusionCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(verbose_name='手に取れる日時')),
                ('fence', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='続けて失敗した回数')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='直近の理由')),
            ],
            options={
                'verbose_name': '合意締結証明書',
                'verbose_name_plural': '合意締結証明書',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Renewal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(verbose_name='手に取れる日時')),
                ('fence', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='続けて失敗した回数')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='直近の理由')),
                ('evidence_until', models.DateTimeField(blank=True, null=True, verbose_name='証拠の期限')),
                ('renewed_at', models.DateTimeField(blank=True, null=True, verbose_name='最後に延長した日時')),
            ],
            options={
                'verbose_name': '証拠の延長',
                'verbose_name_plural': '証拠の延長',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='revision',
            name='signed_revisions_are_timestamped',
        ),
        migrations.AddField(
            model_name='signingstep',
            name='signature_type',
            field=models.CharField(choices=[('witness', '立会人型（事業者署名型）'), ('party', '当事者型')], default='witness', max_length=20, verbose_name='署名の方式'),
        ),
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('contract', '契約書'), ('specification', '仕様書'), ('appendix', '別紙'), ('certificate', '合意締結証明書')], max_length=20, verbose_name='種類'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('archived_at__isnull', True), ('number', 0), ('step__isnull', True), ('timestamped_at__isnull', True)), models.Q(('number__gt', 0), ('timestamped_at__isnull', False), models.Q(('step__isnull', False), ('archived_at__isnull', False), _connector='OR')), _connector='OR'), name='signed_revisions_are_timestamped'),
        ),
        migrations.AddConstraint(
            model_name='signingstep',
            constraint=models.CheckConstraint(condition=models.Q(('signature_type', 'witness')), name='only_witnessed_signatures_can_be_made'),
        ),
        migrations.AddField(
            model_name='conclusioncertificate',
            name='document',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attestation', to='contracts.document'),
        ),
        migrations.AddField(
            model_name='conclusioncertificate',
            name='tenant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='conclusioncertificate',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='certificate', to='contracts.contractversion'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='renewal', to='contracts.document'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='tenant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddIndex(
            model_name='conclusioncertificate',
            index=models.Index(condition=models.Q(('document__isnull', True)), fields=['tenant', 'due_at'], name='certificate_due'),
        ),
        migrations.AddIndex(
            model_name='renewal',
            index=models.Index(fields=['tenant', 'due_at'], name='renewal_due'),
        ),
        migrations.AddIndex(
            model_name='renewal',
            index=models.Index(fields=['tenant', 'evidence_until'], name='renewal_by_end'),
        ),
        migrations.AddIndex(
            model_name='renewal',
            index=models.Index(fields=['tenant', 'renewed_at'], name='renewal_by_day'),
        ),
        migrations.AddIndex(
            model_name='renewal',
            index=models.Index(condition=models.Q(('last_error', ''), _negated=True), fields=['tenant', 'evidence_until'], name='renewal_failing'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        EnableRowSecurity("contracts_renewal"),
        EnableRowSecurity("contracts_conclusioncertificate"),
        TellWhoWaits(
            "contracts_what_is_left",
            kinds={
                "certify": ("contracts_conclusioncertificate", "due_at", "w.document_id is null"),
                "renew": ("contracts_renewal", "due_at", "true"),
            },
        ),
    ]
