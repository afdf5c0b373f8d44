"""Let a city's contract with the operator end: its kind says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_single_sign_on"),
    ]

    operations = [
        migrations.AlterField(
            model_name="organization",
            name="kind",
            field=models.CharField(
                choices=[
                    ("municipality", "自治体"),
                    ("former", "利用の終わった自治体"),
                    ("contractor", "事業者"),
                    ("guarantor", "保証機関"),
                    ("operator", "運営者"),
                ],
                max_length=20,
                verbose_name="種別",
            ),
        ),
    ]
