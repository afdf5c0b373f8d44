"""The only place that knows how a municipality is set on a database connection.

PostgreSQL's row security compares each row's `tenant_id` with the setting `app.tenant_id`. The setting lives as
long as the transaction: it can leak neither into the next request nor through a connection pooler.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

TENANT_SETTING = "app.tenant_id"
USER_SETTING = "app.user_id"
HURRIED = "select set_config(%s, %s, true), set_config('statement_timeout', %s, true)"
NOBODY = "select set_config(%s, '', true), set_config(%s, '', true)"


def _set(name: str, value: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [name, "" if value is None else str(value)])


def set_tenant(tenant_id: int | None) -> None:
    """Show the rows of one municipality until the transaction ends."""
    _check_transaction()
    _set(TENANT_SETTING, tenant_id)


def set_tenant_hurried(tenant_id: int, *, patience: int) -> None:
    """Show the rows of one municipality, and cancel any statement that takes longer than `patience` milliseconds.

    Both last until the transaction ends.
    """
    _check_transaction()
    with connection.cursor() as cursor:
        cursor.execute(HURRIED, [TENANT_SETTING, str(tenant_id), str(patience)])


def _check_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("自治体の指定はトランザクションの中でだけできます。")


def forget() -> None:
    """Show no municipality's rows: where every request begins."""
    with connection.cursor() as cursor:
        cursor.execute(NOBODY, [TENANT_SETTING, USER_SETTING])


def set_user(user_id: int) -> None:
    """Show the memberships of one person until the transaction ends."""
    _set(USER_SETTING, user_id)


@contextmanager
def as_person(user_id: int) -> Iterator[None]:
    """Show the memberships of one person for a moment, to find where they belong."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s, true)", [USER_SETTING])
        (before,) = cursor.fetchone()
    _set(USER_SETTING, user_id)
    yield
    _set(USER_SETTING, int(before) if before else None)


def current_tenant() -> int | None:
    """Tell which municipality's rows this transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute("select nullif(current_setting(%s, true), '')::bigint", [TENANT_SETTING])
        row = cursor.fetchone()
    return None if row is None else row[0]


@contextmanager
def acting_for(tenant_id: int) -> Iterator[None]:
    """Run a transaction that sees one municipality's rows, and nothing else."""
    # 最も外の取引なら、設定はその終わりとともに消える。戻すのは、中に重ねたときだけでよい。
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        before = current_tenant() if is_nested else None
        set_tenant(tenant_id)
        yield
        if is_nested and not connection.needs_rollback:
            set_tenant(before)
