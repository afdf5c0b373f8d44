"""Count how often whoever took a seal died of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0054_api_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='signingjob',
            name='lost',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='続けて途中で絶えた回数'),
        ),
    ]
