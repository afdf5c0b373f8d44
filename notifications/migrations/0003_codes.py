"""Let a mail carry a code, sealed and kept no longer than until it has left; never beside a link."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_help_form'),
        ('notifications', '0002_who_waits'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='sealed_code',
            field=models.BinaryField(null=True, verbose_name='コード（暗号化）'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('sealed_code__isnull', True), ('state__in', ['queued', 'sending']), _connector='OR'), name='code_kept_only_while_waiting'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('sealed_code__isnull', True), ('sealed_link__isnull', True), _connector='OR'), name='no_code_beside_a_link'),
        ),
    ]
