"""動いている間に流しても、大きな表を止めない移行だけであることを確かめる。

止めるものを挙げる: 表の書き直し、止めながらの索引、行をすべて確かめる制約、型の変更、消すことと名の変更、
まとめて書く RunPython、それらをする SQL。わけがあるものは、移行に `lock_safe_because = "……"` と書く。
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# ここまでは、まだどこでも動いていない版のもの
BASELINE = {"accounts": 11, "audit": 4, "contracts": 49, "guarantees": 13, "notifications": 8, "vault": 2}
REASON = "lock_safe_because"
TABLE = r"(?P<t>[\w.\"]+)"
ALTER, ADD = rf"alter\s+table\s+{TABLE}[^;]*", r"add\s+(?:constraint\s+\S+\s+)?"
SQL = (
    (
        rf"create\s+(?:unique\s+)?index\s+(?!concurrently)(?:if\s+not\s+exists\s+)?\S+\s+on\s+{TABLE}",
        "索引は concurrently で作ってください",
    ),
    (
        rf"{ALTER}{ADD}(?:check|foreign\s+key)(?![^;]*not\s+valid)",
        "制約は not valid で足し、後から validate してください",
    ),
    (
        rf"{ALTER}{ADD}(?:unique|primary\s+key|exclude)(?![^;]*using\s+index)",
        "一意の制約は、concurrently で作った索引から足してください",
    ),
    (
        rf"{ALTER}alter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type",
        "型の変更は、列を足し、移し、消すの三つに分けてください",
    ),
    (rf"{ALTER}set\s+not\s+null", "not null は、not valid の check から入れてください"),
    (rf"\b(?:cluster|vacuum\s+full|lock\s+table)\s+{TABLE}", "表を止める命令です"),
)
BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
WRITES = re.compile(
    r"^\s*(?:update\s+(?P<t>[\w.\"]+)\s+|delete\s+from\s+(?P<d>[\w.\"]+))", re.IGNORECASE | re.MULTILINE
)


def complaints(migration: Any, state: Any) -> list[str]:
    """Return what of a migration would hold up a running city, given the state before it; nothing where it says why."""
    if getattr(migration, REASON, ""):
        return []
    made: set[str] = set()
    return list(_of_all(migration.operations, migration, state.clone(), made))


def _of_all(operations: list[Any], migration: Any, state: Any, made: set[str]) -> Iterator[str]:
    from django.db.migrations import operations as django

    for operation in operations:
        if isinstance(operation, django.SeparateDatabaseAndState):
            yield from _of_all(operation.database_operations, migration, state.clone(), made)
        elif isinstance(operation, django.CreateModel):
            made.add(f"{migration.app_label}_{operation.name_lower}")
        elif isinstance(operation, django.RunSQL):
            yield from _of_sql(operation, made)
        elif isinstance(operation, django.RunPython) and migration.atomic:
            yield "RunPython は atomic = False の移行で、少しずつ確定しながら書いてください"
        else:
            table = f"{migration.app_label}_{getattr(operation, 'model_name', getattr(operation, 'name', '')).lower()}"
            if table not in made and (why := _of_table(operation, migration, state)):
                yield f"{operation.describe()}: {why}"
        operation.state_forwards(migration.app_label, state)


def _of_table(operation: Any, migration: Any, state: Any) -> str:
    from django.contrib.postgres import operations as postgres
    from django.db.migrations import operations as django

    if isinstance(operation, (postgres.AddIndexConcurrently, postgres.AddConstraintNotValid)):
        return ""
    if isinstance(operation, django.AddField):
        return _of_new_field(operation.field)
    if isinstance(operation, django.AlterField):
        before = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
        return _of_changed_field(before, operation.field)
    if isinstance(operation, django.AddIndex):
        return "AddIndexConcurrently にしてください"
    if isinstance(operation, django.AddConstraint):
        return "AddConstraintNotValid と ValidateConstraint（一意なら、先に concurrently の索引）にしてください"
    if isinstance(operation, (django.RemoveField, django.DeleteModel, django.RenameField, django.RenameModel)):
        return "前の版がまだ動いています。使うのをやめた版の、次の版で行ってください"
    return ""


def _of_new_field(field: Any) -> str:
    from django.db.models import NOT_PROVIDED, GeneratedField, Value

    if isinstance(field, GeneratedField):
        return "表を書き直します"
    if field.db_default is not NOT_PROVIDED and not isinstance(field.db_default, (Value, str, int, bool, float)):
        return "行ごとに違う既定値は、表を書き直します"
    if field.unique or (field.db_index and not field.remote_field):
        return "索引を、表を止めながら作ります"
    if field.remote_field and not field.many_to_many and field.db_index:
        return "外への参照の索引を、表を止めながら作ります。db_index=False にして AddIndexConcurrently で足してください"
    if not field.null and not field.has_default() and field.db_default is NOT_PROVIDED and not field.many_to_many:
        return "前の版は、この列を書けません。既定値（db_default）を付けてください"
    return ""


def _of_changed_field(before: Any, after: Any) -> str:
    if before.null and not after.null:
        return "not null は、not valid の check から入れてください"
    if type(before) is not type(after):
        return "型の変更は、新しい列を足し、移し、消すの三つに分けてください"
    if before.max_length and (after.max_length or 0) < before.max_length and after.max_length is not None:
        return "短くすると、行をすべて確かめます"
    if (after.unique and not before.unique) or (after.db_index and not before.db_index):
        return "索引を、表を止めながら作ります"
    return ""


def _of_sql(operation: Any, made: set[str]) -> Iterator[str]:
    text = operation.sql if isinstance(operation.sql, str) else "\n".join(map(str, operation.sql))
    text = BODY.sub("", text)  # 関数の中身は、流すときには動かない
    known = made | set(re.findall(r"create\s+table\s+(?:if\s+not\s+exists\s+)?([\w.]+)", text, re.IGNORECASE))
    for pattern, why in SQL:
        for found in re.finditer(pattern, text, re.IGNORECASE):
            if found["t"].strip('"') not in known:
                yield f"{found['t']}: {why}"
    for found in WRITES.finditer(text):
        if found["t"].strip('"') not in known:
            yield f"{found['t']}: 行をまとめて書いています。少しずつ確定しながら書いてください"


def later() -> list[tuple[str, list[str]]]:
    """Return every migration of ours after the baseline, with its complaints."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    seen: list[tuple[str, list[str]]] = []
    state, done = ProjectState(), set()
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key in done:
                continue
            done.add(key)
            app, name = key
            migration = loader.graph.nodes[key]
            if app in BASELINE and int(name[:4]) > BASELINE[app]:
                seen.append((f"{app}.{name}", complaints(migration, state)))
            state = migration.mutate_state(state, preserve=False)
    return seen


def main() -> int:
    import django

    django.setup()
    found = [f"{name}: {why}" for name, all_of in later() for why in all_of]
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    import os

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
