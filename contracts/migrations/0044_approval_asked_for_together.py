from django.db import migrations, models

KINDS = [
    ("sign", "署名する"),
    ("approve", "決裁する（可）"),
    ("submit", "庁内承認を依頼する"),
    ("invite", "承諾書の提出を依頼する"),
    ("remind", "依頼のメールを送り直す"),
]


class Migration(migrations.Migration):
    dependencies = [("contracts", "0043_one_inbox_over_all_cities")]

    operations = [
        migrations.AddField(
            model_name="deed",
            name="seen",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="見た編集の番号"),
        ),
        migrations.AlterField(
            model_name="batch",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20, verbose_name="操作"),
        ),
    ]
