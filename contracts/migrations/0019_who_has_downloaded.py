from django.db import migrations, models

# すでに受け取った当事者。受け取ったことは操作記録が知っている（合意締結証明書だけを取った人は、まだ受け取っていない）。
FILL = """
    update contracts_signingstep s set downloaded_at = taken.at
    from (
        select p.id, min(e.at) as at
        from contracts_signingstep p
        join contracts_document d on d.version_id = p.version_id and d.kind <> 'certificate'
        join audit_event e on e.tenant_id = p.tenant_id and e.action = 'document.downloaded'
            and e.subject = 'document:' || d.id and e.actor_name = p.name || ' <' || p.email || '>'
        group by p.id
    ) taken
    where taken.id = s.id;
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0018_who_is_held"), ("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="signingstep",
            name="handed_email",
            field=models.EmailField(blank=True, default="", max_length=254, verbose_name="受け渡しの宛先"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signingstep",
            name="downloaded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="初めてダウンロードした日時"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
