from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_walls_around_anchors")]

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
                    ("operator", "運営担当"),
                ],
                max_length=30,
                verbose_name="役割",
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="kind",
            field=models.CharField(
                choices=[
                    ("municipality", "自治体"),
                    ("contractor", "事業者"),
                    ("guarantor", "保証機関"),
                    ("operator", "運営者"),
                ],
                max_length=20,
                verbose_name="種別",
            ),
        ),
    ]
