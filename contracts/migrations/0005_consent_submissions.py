"""Keep every submission of a consent form, and when its methods were agreed to."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity

# これまでの画面は、方法を示したうえで提出を受けていた
FILL = """
    update contracts_consent set methods_agreed_at = submitted_at where submitted_at is not null;
    insert into contracts_consentsubmission
        (tenant_id, consent_id, number, channel, submitted_at, paper_id, return_reason)
    select tenant_id, id, 1, channel, submitted_at, paper_id, ''
      from contracts_consent where submitted_at is not null and paper_id is not null;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_bases_and_edits'),
        ('contracts', '0004_whole_life_filled'),
        ('vault', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentSubmission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='回')),
                ('channel', models.CharField(choices=[('form', '画面で提出'), ('mail', 'メールで提出（職員が登録）')], max_length=10, verbose_name='提出方法')),
                ('submitted_at', models.DateTimeField(verbose_name='提出日時')),
                ('returned_at', models.DateTimeField(blank=True, null=True, verbose_name='差戻し日時')),
                ('return_reason', models.CharField(blank=True, max_length=500, verbose_name='差戻しの理由')),
            ],
            options={
                'verbose_name': '承諾書の提出',
                'verbose_name_plural': '承諾書の提出',
                'ordering': ['consent', 'number'],
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='consent',
            name='accepted_consent_is_dated',
        ),
        migrations.AddField(
            model_name='consent',
            name='authority_changed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='契約締結権限者を変えた日時'),
        ),
        migrations.AddField(
            model_name='consent',
            name='methods_agreed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='方法を確かめて承諾した日時'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), models.Q(('accepted_at__isnull', False), models.Q(('address_confirmed_at__isnull', False), ('authority_changed_at__isnull', False), _connector='OR')), _connector='OR'), name='accepted_consent_is_dated'),
        ),
        migrations.AddField(
            model_name='consentsubmission',
            name='consent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='contracts.consent'),
        ),
        migrations.AddField(
            model_name='consentsubmission',
            name='paper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.storedfile'),
        ),
        migrations.AddField(
            model_name='consentsubmission',
            name='tenant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddConstraint(
            model_name='consentsubmission',
            constraint=models.UniqueConstraint(fields=('consent', 'number'), name='one_submission_per_number'),
        ),
        migrations.AddConstraint(
            model_name='consentsubmission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('return_reason', ''), ('returned_at__isnull', True)), models.Q(('returned_at__isnull', False), models.Q(('return_reason', ''), _negated=True)), _connector='OR'), name='returned_exactly_with_a_reason'),
        ),
        EnableRowSecurity('contracts_consentsubmission'),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
