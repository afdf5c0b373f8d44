"""A version of the rules as a person reads it: headings, labels and sentences, walked from the schema."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import clauses
from contracts.dates import wareki, yen
from contracts.rules import Rules, schema
from contracts.rules.choices import APPROVAL_KINDS, DATE_FIELDS, LEVELS, OPERATORS, ROLES
from contracts.rules.defaults import filled
from contracts.rules.nodes import Field, ListOf, Node, OneOf, Table, TableOf, Text, Whole, as_date

# 市の名、版の名、施行日は頁の頭に出す。「city」は開設のときだけ読む。
IN_THE_HEADING = {"name", "version", "effective_date", "city"}
FIRST = "この版について"
UNIT = re.compile("（([円％年])）$")


@dataclass(frozen=True)
class Line:
    """One label with its sentences, or with blocks of their own; steps are read in order."""

    label: str
    texts: tuple[str, ...] = ()
    blocks: tuple["Block", ...] = ()
    folded: bool = False
    ordered: bool = False


@dataclass(frozen=True)
class Block:
    """A heading with its lines; `key` names a section of the rules."""

    title: str
    lines: tuple[Line, ...]
    key: str = ""

    @property
    def plain(self) -> list[Line]:
        return [line for line in self.lines if not line.blocks]

    @property
    def grouped(self) -> list[Line]:
        return [line for line in self.lines if line.blocks]


def describe(rules: Rules) -> tuple[Block, ...]:
    """Say a version whole, section by section, its silent keys with what holds for them."""
    known = filled(rules)
    fields = {key: field for key, field in schema.RULES.fields.items() if key not in IN_THE_HEADING and key in known}
    sections = {key: field for key, field in fields.items() if isinstance(field.node, Table)}
    first = tuple(_lines({key: field for key, field in fields.items() if key not in sections}, known, known))
    blocks = (
        Block(field.label, tuple(_lines(_inside(field), known[key], known)), key) for key, field in sections.items()
    )
    return (Block(FIRST, first), *(block for block in blocks if block.lines))


def plainly(message: str) -> str:
    """Say a refusal of the rules without the keys of the file, for people who only see the labels."""
    message = re.sub(r"「[a-z_]+」（([^（）]+)）", r"「\1」", message)
    message = re.sub(r"（[a-z_]+）", "", message)
    message = re.sub(r"「([a-z_]+)」", lambda found: f"「{WORDS.get(found[1], found[1])}」", message)
    return re.sub(r" ([a-z_]+) ", lambda found: f"「{WORDS.get(found[1], found[1])}」", message)


def is_deep(table: Table) -> bool:
    """Tell whether the entries of a list hold lists of entries themselves, as a clause set holds its articles."""
    return any(isinstance(field.node, ListOf) and isinstance(field.node.item, Table) for field in table.fields.values())


def _inside(field: Field) -> Mapping[str, Field]:
    assert isinstance(field.node, Table)  # noqa: S101 - 節はどれも表
    return field.node.fields


def _lines(fields: Mapping[str, Field], value: Rules, rules: Rules) -> Iterator[Line]:
    for key, field in fields.items():
        if value.get(key) not in (None, "", [], {}):
            yield _line(field, value[key], rules)


def _line(field: Field, value: Any, rules: Rules) -> Line:
    match field.node:
        case ListOf(item=Table() as table) if sentence := SENTENCES.get(id(table)):
            return Line(field.label, tuple(sentence(each, rules) for each in value), ordered=table is schema.STEP)
        case ListOf(item=Table() as table) if table is schema.ARTICLE:
            return Line(field.label, blocks=tuple(_articles(value)), folded=True)
        case ListOf(item=Table() as table, known_by=names):
            blocks = tuple(_block(table, each, rules, names) for each in value)
            return Line(field.label, blocks=blocks, folded=not is_deep(table))
        case Table(fields=fields):
            return Line(field.label, tuple(_joined(fields, value, rules)))
        case TableOf(item=Table(fields=fields)) as node:
            parts = {node.label(key, rules): "、".join(_joined(fields, each, rules)) for key, each in value.items()}
            return Line(field.label, tuple(f"{label}：{text}" for label, text in parts.items()))
        case TableOf(item=OneOf() as item) as node:
            chosen = (f"{node.label(key, rules)}：{item.show(each, rules)}" for key, each in value.items())
            return Line(field.label, tuple(chosen))
        case TableOf():
            return Line(field.label, tuple(value.values()))
        case ListOf(item=Text()):
            return Line(field.label, tuple(value))
        case Whole() if unit := UNIT.search(field.label):
            return Line(field.label.removesuffix(unit[0]), (f"{value:,}{unit[1]}",))
        case node:
            return Line(field.label, (node.show(value, rules),))


def _joined(fields: Mapping[str, Field], value: Rules, rules: Rules) -> Iterator[str]:
    for line in _lines(fields, value, rules):
        yield f"{line.label}：{'、'.join(line.texts)}"


def _block(table: Table, value: Rules, rules: Rules, names: tuple[str, ...]) -> Block:
    title = "　".join(table.fields[name].node.show(value[name], rules) for name in names if name in value)
    rest = {key: field for key, field in table.fields.items() if key not in names}
    return Block(title, tuple(_lines(rest, value, rules)))


def _articles(value: Any) -> Iterator[Block]:
    for article in clauses.numbered(clauses.read(value)):
        yield Block(article.title, (Line("", tuple(text for text, _ in article.lines)),))


def _condition(condition: Rules, rules: Rules) -> str:  # noqa: ARG001
    label = condition.get("label", DATE_FIELDS[condition["date_field"]])
    return f"{label}が{wareki(as_date(condition['date']))}{OPERATORS[condition['operator']]}のもの"


def _exclusion(exclusion: Rules, rules: Rules) -> str:  # noqa: ARG001
    return str(exclusion["label"])


def _level(level: Rules, rules: Rules) -> str:  # noqa: ARG001
    return f"{yen(level['from_amount'])}以上の契約：{LEVELS[level['level']]}"


def _step(step: Rules, rules: Rules) -> str:
    place = schema.STEP.fields["department"].node.show(step["department"], rules) + "の" if "department" in step else ""
    need = f"{step['need']}人" if step.get("need", 1) > 1 else ""
    kind = APPROVAL_KINDS[step["kind"]]
    return f"{step['label']}{'' if kind in step['label'] else f'（{kind}）'}：{place}{ROLES[step['role']]}{need}"


# 表のうち、一つの文で言えるもの。
SENTENCES: Mapping[int, Callable[[Rules, Rules], str]] = {
    id(schema.CONDITION): _condition,
    id(schema.EXCLUSION): _exclusion,
    id(schema.LEVEL): _level,
    id(schema.STEP): _step,
}


def _words(node: Node) -> Iterator[tuple[str, str]]:
    """List the keys and choices of the schema with their Japanese names, the deepest first."""
    match node:
        case Table(fields=fields):
            for field in fields.values():
                yield from _words(field.node)
            yield from ((key, field.label) for key, field in fields.items())
        case ListOf(item=item) | TableOf(item=item):
            yield from _words(item)
        case OneOf(choices=choices):
            yield from choices.items()


WORDS: Mapping[str, str] = dict(_words(schema.RULES))
