"""Keep the city's own names of a case's kind and method; what they may be is the city's data, not a list here."""

from django.db import migrations, models

FILL = """
    update contracts_case c
       set kind_label = coalesce(r.data -> 'kinds' ->> c.kind, c.kind),
           method_label = coalesce(r.data -> 'methods' ->> c.procurement_method, c.procurement_method)
      from contracts_ruleset r where r.id = c.rule_set_id;
    alter table contracts_archiveentry disable trigger user;
    update contracts_archiveentry a set kind_label = c.kind_label
      from contracts_contractversion v
      join contracts_contract k on k.id = v.contract_id
      join contracts_case c on c.id = k.case_id
     where v.id = a.version_id;
    alter table contracts_archiveentry enable trigger user;
    set constraints all immediate;
"""


def label(name):
    return models.CharField(name, max_length=100, default="")


class Migration(migrations.Migration):
    dependencies = [("contracts", "0006_case_by_registration")]

    operations = [
        migrations.AlterField("case", "kind", models.CharField("区分", max_length=30)),
        migrations.AlterField("case", "procurement_method", models.CharField("調達方法", max_length=30)),
        migrations.AlterField("archiveentry", "kind", models.CharField("区分", max_length=30)),
        migrations.AddField("case", "kind_label", label("区分の呼び名"), preserve_default=False),
        migrations.AddField("case", "method_label", label("調達方法の呼び名"), preserve_default=False),
        migrations.AddField("archiveentry", "kind_label", label("区分の呼び名"), preserve_default=False),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
