"""作ったものを、製品の書庫の表へ、表の持ち主の接続で移す。

行の壁と、一行ごとに働く索引と外部キーは、移すあいだだけ外す。戻すときに、外部キーは全行を確かめる。
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from benchmarks.archive.deeds import TOWNS, Deed, deeds
from benchmarks.archive.wording import KINDS

TABLE = "contracts_archiveentry"
DEPARTMENTS = 40
# ほかの団体や課の番号と重ならないところから数える。
BASE = 1_000_000
COLUMNS = (
    "id", "tenant_id", "what", "state", "subject", "department_id", "concluded_date", "fiscal_year", "amount", "kind",
    "kind_label", "number", "title", "party", "title_key", "party_key", "number_key", "is_current",
)  # fmt: skip
FOUND = """
    insert into accounts_organization (id, kind, slug, name, mayor_title, mayor_name, address, help_desk, help_phone,
        help_hours, help_email, help_form, download_lifetime, max_file_bytes, accepts_signed, max_envelope_bytes)
    select %(base)s + n, 'municipality', 'town-' || n, '第' || n || '市', '', '', '', '', '', '', '', '',
        interval '14 days', 1, false, 1
    from generate_series(1, %(towns)s) n
"""
DIVIDE = """
    insert into accounts_department (id, tenant_id, name, email, phone, edit_number)
    select %(base)s + n * %(departments)s + d, %(base)s + n, '第' || d || '課', '', '', 0
    from generate_series(1, %(towns)s) n, generate_series(1, %(departments)s) d
"""
# 一意の索引は、移すあいだも確かめる。
INDEXES = """
    select 'drop index ' || i.oid::regclass, pg_get_indexdef(i.oid)
    from pg_index x join pg_class i on i.oid = x.indexrelid
    where x.indrelid = %(table)s::regclass and not x.indisunique order by 1
"""
FOREIGN_KEYS = """
    select format('alter table %%s drop constraint %%I', conrelid::regclass, conname),
           format('alter table %%s add constraint %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = %(table)s::regclass and contype = 'f' order by 1
"""
WALL = (f"alter table {TABLE} no force row level security", f"alter table {TABLE} force row level security")


def tenant_of(town: int) -> int:
    """Return the number under which the product knows the town of a rank."""
    return BASE + town


def load(connection: psycopg.Connection, *, count: int) -> None:
    """Fill the archive of the product's database, until now without entries, as the owner of its tables."""
    numbers = {"base": BASE, "towns": TOWNS, "departments": DEPARTMENTS}
    connection.execute(FOUND, numbers)
    connection.execute(DIVIDE, numbers)
    connection.execute("set constraints all immediate")  # 確かめ残しのある表の外部キーは、外せない
    with _laid_bare(connection), connection.cursor() as cursor, cursor.copy(_copying()) as copy:
        for deed in deeds(count):
            copy.write_row(_row(deed))


def settle(connection: psycopg.Connection) -> None:
    """Leave the table as autovacuum would have: all pages known to be visible, and its statistics taken."""
    connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(TABLE)))


def _copying() -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    return sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(TABLE), columns)


def _row(deed: Deed) -> tuple[object, ...]:
    return (
        deed.number,
        tenant_of(deed.town),
        deed.what,
        deed.state,
        f"deed:{deed.number}",
        BASE + deed.town * DEPARTMENTS + deed.department,
        deed.concluded,
        deed.fiscal_year,
        deed.amount,
        f"kind-{deed.kind}",
        KINDS[deed.kind - 1][1],
        f"{deed.fiscal_year}-{deed.number:08}",
        deed.title,
        deed.party,
        deed.title_key,
        deed.party_key,
        f"{deed.fiscal_year}{deed.number:08}",
        True,
    )


@contextmanager
def _laid_bare(connection: psycopg.Connection) -> Iterator[None]:
    table = {"table": TABLE}
    removed = [WALL]
    for kept in (INDEXES, FOREIGN_KEYS):
        removed += connection.execute(kept, table).fetchall()
    for away, _ in removed:
        connection.execute(away)
    yield
    for _, back in removed:
        connection.execute(back)
