"""作ったものを、製品の書庫の表へ、表の持ち主の接続で移す。

行の壁と、索引と外部キーと引き金は、移すあいだだけ外す。戻すときに、外部キーは全行を確かめる。
どこまで進んだかはデータベースに書くので、途中で止まっても、同じ命令で続きから始まる。

`python -m benchmarks.archive.loading DSN ROWS SHARE OF` は、OF 人で分ける束のうち SHARE 番の分を移す。
"""

import sys
from collections.abc import Iterable

import psycopg
from psycopg import sql

from benchmarks.archive.deeds import BUNDLE, TOWNS, Deed, bundle
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
    on conflict do nothing
"""
DIVIDE = """
    insert into accounts_department (id, tenant_id, name, email, phone, edit_number)
    select %(base)s + n * %(departments)s + d, %(base)s + n, '第' || d || '課', '', '', 0
    from generate_series(1, %(towns)s) n, generate_series(1, %(departments)s) d
    on conflict do nothing
"""
INDEXES = """
    select 'drop index ' || i.oid::regclass, pg_get_indexdef(i.oid)
    from pg_index x join pg_class i on i.oid = x.indexrelid
    where x.indrelid = %(table)s::regclass and not x.indisprimary order by 1
"""
FOREIGN_KEYS = """
    select format('alter table %%s drop constraint %%I', conrelid::regclass, conname),
           format('alter table %%s add constraint %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = %(table)s::regclass and contype = 'f' order by 1
"""
WALL = (f"alter table {TABLE} no force row level security", f"alter table {TABLE} force row level security")
TRIGGERS = (f"alter table {TABLE} disable trigger user", f"alter table {TABLE} enable trigger user")
# 戻すことと、移し終えた束。
MEMORY = """
    create table if not exists bench_back (id serial primary key, statement text);
    create table if not exists bench_bundle (number int primary key);
    create table if not exists bench_loaded (at timestamptz default now());
"""
TOTALS_AT_ONCE = 5_000_000


def tenant_of(town: int) -> int:
    """Return the number under which the product knows the town of a rank."""
    return BASE + town


def load(connection: psycopg.Connection, *, count: int) -> None:
    """Fill the archive of the product's database, until now without entries, as the owner of its tables."""
    begin(connection)
    copy(connection, range(-(-count // BUNDLE)), of=count)
    finish(connection)


def is_loaded(connection: psycopg.Connection) -> bool:
    """Tell whether everything was brought, put back, counted and settled."""
    connection.execute(MEMORY)
    return connection.execute("select 1 from bench_loaded").fetchone() is not None


def begin(connection: psycopg.Connection) -> None:
    """Found the towns, and lay the table bare, unless that is done."""
    numbers = {"base": BASE, "towns": TOWNS, "departments": DEPARTMENTS}
    connection.execute(MEMORY)
    if connection.execute("select 1 from bench_bundle union all select 1 from bench_back").fetchone():
        return
    with connection.transaction():
        connection.execute(FOUND, numbers)
        connection.execute(DIVIDE, numbers)
        connection.execute("set constraints all immediate")  # 確かめ残しのある表の外部キーは、外せない
        removed = [WALL, TRIGGERS]
        for kept in (INDEXES, FOREIGN_KEYS):
            removed += connection.execute(kept, {"table": TABLE}).fetchall()
        for away, back in removed:
            connection.execute(away)
            connection.execute("insert into bench_back (statement) values (%s)", [back])


def copy(connection: psycopg.Connection, numbers: Iterable[int], *, of: int) -> None:
    """Bring the bundles of these numbers, each in a transaction, but for those that are there already."""
    for number in numbers:
        with connection.transaction():
            mine = "insert into bench_bundle values (%s) on conflict do nothing"
            if not connection.execute(mine, [number]).rowcount:
                continue
            with connection.cursor() as cursor, cursor.copy(_copying()) as rows:
                for deed in bundle(number, of=of):
                    rows.write_row(_row(deed))


def finish(connection: psycopg.Connection) -> None:
    """Put back what was taken away, piece by piece, and have the totals over all towns counted."""
    for number, statement in connection.execute("select id, statement from bench_back order by id").fetchall():
        with connection.transaction():
            connection.execute(statement)
            connection.execute("delete from bench_back where id = %s", [number])
    with connection.transaction():
        connection.execute("select archive_count_again()")
        connection.execute("select archive_roll_up(%s)", [TOTALS_AT_ONCE])


def settle(connection: psycopg.Connection) -> None:
    """Leave the tables as autovacuum would have: all pages known to be visible, and their statistics taken."""
    for table in (TABLE, "contracts_partytotal", "contracts_partyyear", "accounts_department"):
        connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))
    connection.execute("select archive_sample_grams()")
    connection.execute("analyze contracts_gramshare")
    connection.execute("insert into bench_loaded default values")


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


def main(dsn: str, rows: str, share: str, of: str) -> None:
    """Bring one share of the bundles."""
    count = int(rows)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        copy(connection, range(int(share), -(-count // BUNDLE), int(of)), of=count)


if __name__ == "__main__":
    main(*sys.argv[1:])
