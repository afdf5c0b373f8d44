"""The papers of a guarantee: on their way in, and kept with it; given up when nobody hands them in."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from accounts.rowsecurity import EnableRowSecurity, TellWhoWaits


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_underwriters'),
        ('contracts', '0017_underwriters'),
        ('guarantees', '0005_issuing'),
        ('vault', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('upload', '画面から登録'), ('email', '電子メール'), ('bring', '持参'), ('fax', 'FAX'), ('post', '郵送')], max_length=10, verbose_name='提出方法')),
                ('notice', models.JSONField(blank=True, default=dict, verbose_name='お知らせの内容')),
                ('certificate', models.JSONField(blank=True, default=dict, verbose_name='保証証書の内容')),
                ('mail', models.JSONField(blank=True, default=dict, verbose_name='電子メール')),
                ('remarks', models.JSONField(blank=True, default=list, verbose_name='読み取りの注意')),
                ('sealed_key', models.BinaryField(blank=True, null=True, verbose_name='認証キー（暗号化）')),
                ('key_length', models.PositiveSmallIntegerField(default=0, verbose_name='認証キーの文字数')),
                ('made_at', models.DateTimeField(verbose_name='読み取った日時')),
                ('due_at', models.DateTimeField(verbose_name='登録されなければ破棄する日時')),
                ('brought_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.case')),
                ('link', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contracts.accesslink')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': '登録前の保証',
                'verbose_name_plural': '登録前の保証',
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.CharField(choices=[('notice', '認証キー等のお知らせ'), ('certificate_screen', '保証証書の画面'), ('mail', '受け取った電子メール'), ('customer_copy', 'お客様控え'), ('premium', '保証料計算書')], max_length=20, verbose_name='種類')),
                ('name', models.CharField(max_length=255, verbose_name='ファイル名')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveBigIntegerField(verbose_name='大きさ（バイト）')),
                ('shared', models.BooleanField(default=False, verbose_name='発注者にも見せる')),
                ('added_by', models.CharField(max_length=200, verbose_name='受け取った人')),
                ('added_at', models.DateTimeField(verbose_name='受け取った日時')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='消した日時')),
                ('arrival', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='guarantees.arrival')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.storedfile')),
                ('guarantee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='guarantees.guarantee')),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'verbose_name': '保証の書類',
                'verbose_name_plural': '保証の書類',
                'ordering': ['pk'],
                'abstract': False,
                'base_manager_name': 'unscoped',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name='arrival',
            index=models.Index(fields=['tenant', 'due_at'], name='arrival_due'),
        ),
        migrations.AddConstraint(
            model_name='arrival',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('brought_by__isnull', True), ('case__isnull', False), ('link__isnull', False)), models.Q(('brought_by__isnull', False), ('link__isnull', True)), _connector='OR'), name='arrival_has_one_bringer'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('arrival__isnull', False), ('guarantee__isnull', True)), models.Q(('arrival__isnull', True), ('guarantee__isnull', False)), _connector='OR'), name='attachment_has_one_place'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erased_at__isnull', True), ('file__isnull', False)), models.Q(('erased_at__isnull', False), ('file__isnull', True)), _connector='OR'), name='attachment_has_its_bytes_until_erased'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(('shared', False), ('slot__in', ['customer_copy', 'premium']), _connector='OR'), name='only_private_papers_are_shared'),
        ),
        EnableRowSecurity("guarantees_arrival"),
        EnableRowSecurity("guarantees_attachment"),
        TellWhoWaits("guarantees_what_lies", kinds={"discard": ("guarantees_arrival", "due_at", "true")}),
    ]
