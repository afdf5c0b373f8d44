import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                ("tenant_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=100)),
                ("actor_kind", models.CharField(max_length=40)),
                ("actor_name", models.CharField(blank=True, max_length=300)),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("subject", models.CharField(blank=True, max_length=100)),
                ("thread", models.CharField(blank=True, max_length=100)),
                ("data", models.TextField(default="{}")),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["tenant_id", "thread", "-seq"], name="event_thread")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 1)), name="events_are_counted_from_one")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="events_are_only_added",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a6897be3a2fe05d8a2131e2c9050b33817901735",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_events_are_only_added_a9904",
                    table="audit_event",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="head",
            trigger=pgtrigger.compiler.Trigger(
                name="heads_start_empty",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."seq" > 0)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="0fbbaf0c793ba7845152c725d8e420a19e4efef3",
                    operation="INSERT",
                    pgid="pgtrigger_heads_start_empty_c8922",
                    table="audit_head",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="head",
            trigger=pgtrigger.compiler.Trigger(
                name="heads_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="37544b25d515998b2b218e4d3233739b1134cb3b",
                    operation="DELETE",
                    pgid="pgtrigger_heads_stay_dd9fd",
                    table="audit_head",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="head",
            trigger=pgtrigger.compiler.Trigger(
                name="heads_only_advance",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE known boolean;",
                    func="\n                    SELECT EXISTS (\n                        SELECT 1 FROM audit_event e\n                        WHERE e.tenant_id = NEW.tenant_id AND e.seq = NEW.seq\n                          AND e.hash = NEW.hash AND e.previous_hash = OLD.hash\n                    ) INTO known;\n                    IF NEW.tenant_id <> OLD.tenant_id OR NEW.seq <> OLD.seq + 1 OR NOT known THEN\n                        RAISE EXCEPTION 'audit_head may only advance to the next event';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="9db07f611740017ecd50072783a5ae74052acb12",
                    operation="UPDATE",
                    pgid="pgtrigger_heads_only_advance_8d1f4",
                    table="audit_head",
                    when="BEFORE",
                ),
            ),
        ),
    ]
