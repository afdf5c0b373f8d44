"""A rule set as one readable TOML file: every key under its Japanese name, everything in it, nothing beside it."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import tomli_w

from contracts.rules import schema
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Day, DayOrMonthDay, Field, ListOf, Node, OneOf, Rules, Table, TableOf, is_month_day
from contracts.rules.validation import validate

LONGEST_FILE = 2_000_000
LINE = 100


def read(text: str) -> dict[str, Any]:
    """Read a rule file as JSON-ready data (days as text); raise RuleError with the line or the key that is wrong."""
    if len(text) > LONGEST_FILE:
        raise RuleError(f"ファイルが大きすぎます。{LONGEST_FILE:,}文字以内にしてください。")
    rules: dict[str, Any] = plain(parse(text))
    validate(rules)
    return rules


def parse(text: str) -> dict[str, Any]:
    """Parse TOML; raise RuleError that names the line."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as wrong:
        raise RuleError(_where(source, str(wrong))) from wrong
    except RecursionError as wrong:
        raise RuleError("入れ子が深すぎて読めません。") from wrong


def plain(value: Any) -> Any:
    """Turn parsed TOML into JSON-ready data: days become 「2026-03-01」."""
    if isinstance(value, dict):
        return {key: plain(element) for key, element in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value.isoformat() if isinstance(value, date) else value


def write(rules: Rules) -> str:
    """Write a valid rule set as TOML with the names of its keys as comments; read(write(rules)) gives it back."""
    heading = f"# {rules['name']}の規則（{rules['version']}）"
    return "\n".join([heading, "", *_table(schema.RULES, rules, ""), ""])


def _where(source: str, wrong: str) -> str:
    found = re.search(r"at line (\d+)", wrong)
    if found is None:
        return "ファイルの終わりが途中で切れています。括弧や引用符の閉じ忘れを確かめてください。"
    line = source.split("\n")[int(found[1]) - 1].strip()[:40]
    return f"{found[1]}行目を読めません：「{line}」。引用符や括弧の閉じ忘れ、同じ項目の重なりを確かめてください。"


def _table(table: Table, value: Rules, path: str, *, comments: bool = True) -> Iterator[str]:
    """Write the simple keys first: in TOML whatever follows a heading belongs to it."""
    present = [(key, field) for key, field in table.fields.items() if key in value]
    for key, field in present:
        if not _has_heading(field.node, value[key]):
            yield from _comment(field) if comments else ()
            yield _line(key, _toml(field.node, value[key]))
    for key, field in present:
        if _has_heading(field.node, value[key]):
            yield from _section(field, value[key], f"{path}{key}", comments=comments)


def _section(field: Field, value: Any, path: str, *, comments: bool) -> Iterator[str]:
    yield ""
    yield from _comment(field) if comments else ()
    match field.node:
        case Table() as table:
            yield f"[{path}]"
            yield from _table(table, value, f"{path}.", comments=comments)
        case ListOf(item=Table() as table):
            for number, element in enumerate(value):
                yield from [""] if number else []
                yield f"[[{path}]]"
                yield from _table(table, element, f"{path}.", comments=comments and number == 0)
        case TableOf(item=Table() as table) if value:
            for number, (key, element) in enumerate(value.items()):
                inner = f"{path}.{_key(key)}"
                yield from ["", f"[{inner}]"] if number else [f"[{inner}]"]
                yield from _table(table, element, f"{inner}.", comments=comments and number == 0)
        case TableOf(item=item):
            yield f"[{path}]"
            yield from (_line(key, _toml(item, element)) for key, element in value.items())


def _has_heading(node: Node, value: Any) -> bool:
    # 空の一覧には見出しが立たない。値として書く。
    if isinstance(node, ListOf):
        return isinstance(node.item, Table) and bool(value)
    return isinstance(node, Table | TableOf)


def _comment(field: Field) -> Iterator[str]:
    yield f"# {field.label}{f'：{field.help}' if field.help else ''}"
    node = field.node.item if isinstance(field.node, ListOf | TableOf) else field.node
    if isinstance(node, OneOf):
        yield from (f"#   {value} … {label}" for value, label in node.choices.items())


def _toml(node: Node, value: Any) -> Any:
    """Give days back to TOML as days."""
    match node:
        case Day():
            return date.fromisoformat(value)
        case DayOrMonthDay():
            return value if is_month_day(value) else date.fromisoformat(value)
        case ListOf(item=item):
            return [_toml(item, element) for element in value]
        case _:
            return value


def _line(key: str, value: Any) -> str:
    if isinstance(value, list) and len(short := f"{_key(key)} = [{', '.join(map(_scalar, value))}]") <= LINE:
        return short
    return tomli_w.dumps({key: value}, multiline_strings=True, indent=2).rstrip("\n")


def _scalar(value: Any) -> str:
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").rstrip("\n")


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")
