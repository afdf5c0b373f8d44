"""Migration operations that raise the wall between municipalities (PostgreSQL row security)."""

from typing import Any

from django.conf import settings
from django.db import migrations

# 比較は leakproof な bigint の等号だけにする。副問合せや一覧を置くと索引が使われなくなる。
OWN_ROWS = "{column} = nullif(current_setting('app.tenant_id', true), '')::bigint"


class EnableRowSecurity(migrations.RunSQL):
    """Let the application roles see only the rows of the municipality that is set on the transaction.

    `using` replaces the ordinary condition where a table needs a wider one.
    The owner, who is also held by FORCE, keeps a policy of its own for data migrations.
    """

    def __init__(self, table: str, *, column: str = "tenant_id", using: str | None = None) -> None:
        self.table, self.column, self.using = table, column, using
        condition = using or OWN_ROWS.format(column=column)
        check = OWN_ROWS.format(column=column)
        super().__init__(
            sql=f"""
                alter table {table} enable row level security;
                alter table {table} force row level security;
                create policy tenant on {table} to public using ({condition}) with check ({check});
                create policy owner on {table} to current_user using (true) with check (true);
            """,
            reverse_sql=f"""
                drop policy owner on {table};
                drop policy tenant on {table};
                alter table {table} no force row level security;
                alter table {table} disable row level security;
            """,
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        options = {"column": self.column} | ({"using": self.using} if self.using else {})
        return (self.__class__.__qualname__, [self.table], options)


class GrantToApplication(migrations.RunSQL):
    """Let the web and worker role use the tables that the owner makes, now and later."""

    def __init__(self) -> None:
        role = settings.DATABASE_APP_ROLE
        super().__init__(
            sql=f"""
                grant usage on schema public to "{role}";
                grant select, insert, update, delete on all tables in schema public to "{role}";
                grant usage, select on all sequences in schema public to "{role}";
                alter default privileges in schema public grant select, insert, update, delete on tables to "{role}";
                alter default privileges in schema public grant usage, select on sequences to "{role}";
            """,
            reverse_sql=migrations.RunSQL.noop,
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return (self.__class__.__qualname__, [], {})


class TellWhoWaits(migrations.RunSQL):
    """Let the application's role ask which municipalities have work that is due, of which kind, and whether several.

    `kinds` names each kind of work by its table, the column of the time it is due, and the condition of a partial
    index over (tenant_id, that column). The function runs as the owner, who sees through the walls; it steps from
    municipality to municipality in the index, so its cost does not grow with the number of rows that wait.
    """

    def __init__(self, function: str, *, kinds: dict[str, tuple[str, str, str]]) -> None:
        self.function, self.kinds = function, kinds
        body = " union all ".join(self._of(kind, *place) for kind, place in kinds.items())
        super().__init__(
            sql=f"""
                create function {function}(moment timestamptz)
                returns table (tenant_id bigint, work text, several boolean)
                language sql stable security definer set search_path = public, pg_temp
                as $body$ {body} $body$;
                revoke all on function {function}(timestamptz) from public;
                grant execute on function {function}(timestamptz) to "{settings.DATABASE_APP_ROLE}";
            """,
            reverse_sql=f"drop function {function}(timestamptz);",
        )

    def _of(self, kind: str, table: str, due: str, condition: str) -> str:
        rows = f"select min(w.tenant_id) from {table} w where {condition}"  # noqa: S608 - 移行に書かれた文字だけ
        return f"""
            (with recursive city(id) as (
                {rows}
                union all
                select ({rows} and w.tenant_id > city.id) from city where city.id is not null
            )
            select city.id, '{kind}', pieces.n > 1
            from city cross join lateral (
                select count(*) as n from (
                    select from {table} w where {condition} and w.tenant_id = city.id and w.{due} <= moment limit 2
                ) found
            ) pieces
            where pieces.n > 0)
        """  # noqa: S608

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.function], {"kinds": self.kinds})


class TellHowItGoes(migrations.RunSQL):
    """Let the application's role ask, over all municipalities, how much work of each kind waits; only sums go out.

    `kinds` is as in `TellWhoWaits`, with one more condition: that a row has failed and is to be tried again. Rows that
    are due later than in a day are not looked at, so that work planned for years ahead costs nothing; nor are those of
    a city that has left, on which nobody works.
    """

    def __init__(self, function: str, *, kinds: dict[str, tuple[str, str, str, str]]) -> None:
        self.function, self.kinds = function, kinds
        body = " union all ".join(self._of(kind, *place) for kind, place in kinds.items())
        super().__init__(
            sql=f"""
                create function {function}(moment timestamptz)
                returns table (kind text, waiting bigint, oldest timestamptz, failing bigint)
                language sql stable security definer set search_path = public, pg_temp
                as $body$ {body} $body$;
                revoke all on function {function}(timestamptz) from public;
                grant execute on function {function}(timestamptz) to "{settings.DATABASE_APP_ROLE}";
            """,
            reverse_sql=f"drop function {function}(timestamptz);",
        )

    def _of(self, kind: str, table: str, due: str, condition: str, trouble: str) -> str:
        rows = f"select min(w.tenant_id) from {table} w where {condition}"  # noqa: S608 - 移行に書かれた文字だけ
        return f"""
            (with recursive city(id) as (
                {rows}
                union all
                select ({rows} and w.tenant_id > city.id) from city where city.id is not null
            )
            select '{kind}', coalesce(sum(found.waiting), 0)::bigint, min(found.oldest),
                coalesce(sum(found.failing), 0)::bigint
            from city cross join lateral (
                select count(*) filter (where w.{due} <= moment) as waiting,
                    min(w.{due}) filter (where w.{due} <= moment) as oldest,
                    count(*) filter (where {trouble}) as failing
                from {table} w
                where {condition} and w.tenant_id = city.id and w.{due} <= moment + interval '1 day'
                    and not exists (select from accounts_organization o where o.id = city.id and o.kind = 'former')
            ) found)
        """  # noqa: S608

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.function], {"kinds": self.kinds})
