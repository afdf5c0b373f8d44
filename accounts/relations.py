"""A migration operation that keeps every reference between municipalities' rows inside one municipality.

A foreign key is checked past the walls of row security: on its own it would let a row of one city point to a row of
another. Triggers compare the two when a reference is written, and only then.
"""

from collections.abc import Mapping
from typing import Any

from django.db import migrations

# 人は市に属さない。その市で役割を持つ（持っていた、これから持つ）人だけを指せる。
PEOPLE = "accounts_user"
FOUND = {PEOPLE: "select from accounts_membership r where r.user_id = new.{column} and r.tenant_id = new.tenant_id"}
FOUND_ROW = "select from {target} r where r.id = new.{column} and r.tenant_id = new.tenant_id"


class KeepRelationsInside(migrations.RunSQL):
    """Refuse a reference to what is not in the row's own municipality; `columns` names the table of each column.

    No row is read or rewritten when the triggers are made, a row whose references stay as they are costs nothing, and
    what was cut short may be run again.
    """

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        self.table, self.columns = table, dict(columns)
        super().__init__(
            sql="".join(self._guard(column, target) for column, target in self.columns.items()),
            reverse_sql="".join(self._lift(column) for column in self.columns),
        )

    def _guard(self, column: str, target: str) -> str:
        found = FOUND.get(target, FOUND_ROW).format(column=column, target=target)
        function = guard_name(self.table, column)
        changed = f"new.{column} is distinct from old.{column} or new.tenant_id is distinct from old.tenant_id"
        return f"""
            create or replace function {function}() returns trigger language plpgsql as $body$
            begin
                if not exists ({found}) then
                    raise exception '{self.table}.{column} leads out of the municipality'
                        using errcode = 'foreign_key_violation', table = '{self.table}', column = '{column}';
                end if;
                return new;
            end $body$;
            create or replace trigger {column}_inside before insert on {self.table}
                for each row when (new.{column} is not null) execute function {function}();
            create or replace trigger {column}_stays_inside before update of {column}, tenant_id on {self.table}
                for each row when (new.{column} is not null and ({changed})) execute function {function}();
        """

    def _lift(self, column: str) -> str:
        return f"""
            drop trigger {column}_stays_inside on {self.table};
            drop trigger {column}_inside on {self.table};
            drop function {guard_name(self.table, column)}();
        """

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table, self.columns], {})


class KeepTenant(migrations.RunSQL):
    """Let no row move to another municipality, whoever asks: what refers to it would be left behind."""

    FUNCTION = "accounts_tenant_stays"

    def __init__(self, *tables: str) -> None:
        self.tables = tables
        super().__init__(
            sql="".join(
                f"""
                create or replace trigger tenant_stays before update of tenant_id on {table}
                    for each row when (new.tenant_id is distinct from old.tenant_id)
                    execute function {self.FUNCTION}();
                """
                for table in tables
            ),
            reverse_sql="".join(f"drop trigger tenant_stays on {table};" for table in tables),
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        return (self.__class__.__qualname__, list(self.tables), {})


def guard_name(table: str, column: str) -> str:
    """Name the function that guards one column."""
    return f"{table}_{column}_inside"
