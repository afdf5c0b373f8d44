from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_accepts_signed")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("drafter", "起案者"),
                    ("approver", "承認者"),
                    ("signatory", "署名者"),
                    ("guarantee_officer", "契約検査担当"),
                    ("auditor", "監査担当"),
                    ("administrator", "運用管理者"),
                    ("underwriter", "保証審査担当"),
                ],
                max_length=30,
                verbose_name="役割",
            ),
        ),
    ]
