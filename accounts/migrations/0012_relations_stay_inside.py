"""Keep references inside one municipality; vault and audit know nobody, so their rows are held from here."""

from django.db import migrations

from accounts.relations import KeepRelationsInside, KeepTenant

STAYS = """
    create or replace function accounts_tenant_stays() returns trigger language plpgsql as $body$
    begin
        raise exception 'a row of % stays in its municipality', tg_table_name using errcode = 'check_violation';
    end $body$;
"""


class Migration(migrations.Migration):
    # 一つの表ずつ確定する。いくつもの表の錠を、同時には持たない
    atomic = False
    dependencies = [
        ("accounts", "0011_readings_of_names"),
        ("vault", "0002_keys_may_be_destroyed"),
        ("audit", "0004_stretches_of_anchors"),
    ]

    operations = [
        migrations.RunSQL(STAYS, "drop function accounts_tenant_stays();"),
        KeepRelationsInside("accounts_delegation", {"principal_id": "accounts_user", "delegate_id": "accounts_user"}),
        KeepRelationsInside("accounts_membership", {"department_id": "accounts_department"}),
        KeepTenant(
            "accounts_delegation",
            "accounts_department",
            "accounts_membership",
            "vault_storedfile",
            "vault_tenantkey",
            "audit_anchoredhead",
            "audit_event",
            "audit_head",
        ),
    ]
