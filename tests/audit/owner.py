"""What a database administrator could do to the journal, and how a test puts it right again."""

from django.db import connections, transaction


def as_owner(table: str, statement: str) -> None:
    """Do what a database administrator could: switch the triggers off, alter, switch them on again."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement)
        cursor.execute(f"alter table {table} enable trigger user")


def forget(*tenants: int) -> None:
    """Remove broken chains and all anchors, so that the next test finds everything sound and anchors it anew."""
    for tenant_id in tenants:
        as_owner("audit_event", f"delete from audit_event where tenant_id={tenant_id}")
        as_owner("audit_head", f"delete from audit_head where tenant_id={tenant_id}")
    as_owner("audit_anchoredhead", "delete from audit_anchoredhead")
    as_owner("audit_anchor", "delete from audit_anchor")
