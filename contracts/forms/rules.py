"""The form of one page of the rules, grown from the schema: no key of the rules is named here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from contracts.forms.rulefields import Offer, ValueField, is_blank, show
from contracts.rules import RuleError, Rules
from contracts.rules.nodes import Field, KeyOf, ListOf, Node, OneOf, Table, TableOf, Text
from contracts.ruletext import plainly

Fields = Mapping[str, Field]
KEY, VALUE = "key", "value"
ADD, REMOVE, UP, DOWN = "add", "remove", "up", "down"
MOST_ROWS = 200
# これより多い行は、一つずつたたむ。
MOST_OPEN = 6
# 一度に送れる欄の数（DATA_UPLOAD_MAX_NUMBER_FIELDS）には、行の数などの欄も入る。
MOST_FIELDS = 280
ROOM = 12
TWICE = "同じ記号が2度あります。別の記号にしてください。"


@dataclass(frozen=True)
class Leaf:
    """One field on the page."""

    field: BoundField
    kind: str = "leaf"

    @property
    def is_wide(self) -> bool:
        return isinstance(self.field.field.widget, forms.Textarea | forms.CheckboxSelectMultiple)


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    label: str
    parts: Sequence["Part"]
    help: str = ""
    kind: str = "group"

    @property
    def title(self) -> str:
        """Say what was typed first, for a row that is folded."""
        leaves = (part.field for part in self.parts if isinstance(part, Leaf))
        texts = (str(leaf.value() or "") for leaf in leaves if not isinstance(leaf.field.widget, forms.Select))
        return next(texts, "")

    @property
    def is_open(self) -> bool:
        """Tell whether a folded row must be seen: it is new, or something in it is wrong."""
        return not self.title or any(part.field.errors for part in self.parts if isinstance(part, Leaf))


@dataclass(frozen=True)
class Rows:
    """Any number of entries, each with its own fields."""

    name: str
    label: str
    help: str
    groups: Sequence[Group]
    may_move: bool
    kind: str = "rows"

    @property
    def is_folded(self) -> bool:
        return len(self.groups) > MOST_OPEN


Part = Leaf | Group | Rows


def typed_from(node: Node, value: Any, offer: Offer) -> Any:
    """Write a value of the rules as a person would have typed it, in the shape of the schema."""
    value = _into(node, value)
    match _shaped(node, offer):
        case Table(fields=fields):
            return {key: typed_from(each.node, (value or {}).get(key), offer) for key, each in fields.items()}
        case ListOf(item=Table() as item):
            return [typed_from(item, each, offer) for each in value or ()]
        case shape:
            return show(shape, value)


def typed_in(node: Node, name: str, data: MultiValueDict[str, str], offer: Offer) -> Any:
    """Gather what was posted, in the shape of the schema."""
    match _shaped(node, offer):
        case Table(fields=fields):
            return {key: typed_in(each.node, _under(name, key), data, offer) for key, each in fields.items()}
        case ListOf(item=Table() as item):
            many = min(_number(data.get(f"{name}.rows", ""), 0), MOST_ROWS)
            return [typed_in(item, _under(name, place), data, offer) for place in range(many)]
        case ListOf(item=OneOf() | KeyOf()):
            return data.getlist(name)
        case _:
            return data.get(name, "")


def rearrange(typed: dict[str, Any], action: str) -> None:
    """Do to the rows what a button says, 「up:conditions:1」; what fits nothing does nothing."""
    verb, name, number = [*action.split(":"), "", "", ""][:3]
    rows: Any = typed
    for key in name.split("."):
        rows = rows.get(key) if isinstance(rows, dict) else None
    place = _number(number, MOST_ROWS)
    if not isinstance(rows, list):
        return
    if verb == ADD and len(rows) < MOST_ROWS:
        rows.append({})
    elif verb == REMOVE and place < len(rows):
        del rows[place]
    elif verb in {UP, DOWN}:
        swap(rows, place, place - 1 if verb == UP else place + 1)


def swap(rows: list[Any], place: int, other: int) -> None:
    """Exchange two entries, if both are there."""
    if 0 <= place < len(rows) and 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]


class RulesForm(forms.Form):
    """The fields of one page; when valid, `value` holds what they say, without what was left empty."""

    use_required_attribute = False

    def __init__(self, fields: Fields, typed: Any, *, offer: Offer, required: bool, checked: bool) -> None:
        self.node, self.offer = Table(fields), offer
        self.typed = _pruned(typed) if checked else typed
        self.required = required or not is_blank(self.typed)
        self.value: dict[str, Any] = {}
        flat: MultiValueDict[str, str] = MultiValueDict()
        super().__init__(data=flat if checked else None)
        self.parts = self._inside(fields, self.typed, "", needed=self.required, compact=False)
        if checked:
            for name, field in self.fields.items():
                flat.setlist(name, field.initial if isinstance(field.initial, list) else [field.initial])

    @property
    def size(self) -> int:
        """Count the inputs that a browser may send."""
        return sum(len(getattr(field.widget, "choices", ())) or 1 for field in self.fields.values())

    @property
    def is_too_long(self) -> bool:
        return self.size > MOST_FIELDS

    @property
    def has_room(self) -> bool:
        """Tell whether there is room for one more entry."""
        return self.size + ROOM < MOST_FIELDS

    def clean(self) -> dict[str, Any]:
        """Put the values together, and check what no field can see: how many entries there must be."""
        self.value = self._read(self.node, "", self.typed) or {}
        if not self.errors and self.required:
            try:
                self.node.check(self.value, "")
            except RuleError as wrong:
                self.add_error(None, plainly(str(wrong)))
        return self.cleaned_data

    def _grow(self, each: Field, name: str, typed: Any, *, needed: bool, compact: bool) -> Part:
        match _shaped(each.node, self.offer):
            case Table(fields=fields):
                wanted = needed and (each.required or not is_blank(typed))
                parts = self._inside(fields, typed or {}, name, needed=wanted, compact=True)
                return Group(each.label, parts, each.help)
            case ListOf(item=Table(fields=fields)):
                groups = [
                    Group(str(place + 1), self._inside(fields, row, _under(name, place), needed=True, compact=True))
                    for place, row in enumerate(typed or ())
                ]
                return Rows(name, each.label, each.help, groups, may_move=isinstance(each.node, ListOf))
            case _:
                self.fields[name] = ValueField(
                    each, offer=self.offer, typed=typed or "", compact=compact, needed=needed
                )
                return Leaf(self[name])

    def _inside(self, fields: Fields, typed: Any, name: str, *, needed: bool, compact: bool) -> list[Part]:
        return [
            self._grow(each, _under(name, key), typed.get(key), needed=needed, compact=compact)
            for key, each in fields.items()
        ]

    def _read(self, node: Node, name: str, typed: Any) -> Any:
        match _shaped(node, self.offer):
            case Table(fields=fields):
                read = {key: self._read(each.node, _under(name, key), typed.get(key)) for key, each in fields.items()}
                return _out(node, {key: value for key, value in read.items() if value is not None}) or None
            case ListOf(item=Table() as item):
                rows = [self._read(item, _under(name, place), row) or {} for place, row in enumerate(typed or ())]
                self._refuse_twins(node, name, rows)
                return _out(node, rows) or None
            case _:
                return self.cleaned_data.get(name)

    def _refuse_twins(self, node: Node, name: str, rows: Sequence[Rules]) -> None:
        keys = [row.get(KEY) for row in rows] if isinstance(node, TableOf) else []
        for place, key in enumerate(keys):
            if key is not None and key in keys[:place]:
                self.add_error(f"{_under(name, place)}.{KEY}", TWICE)


def _shaped(node: Node, offer: Offer) -> Node:
    """Bring every shape of the schema to one of three: a table, rows of tables, or a single field."""
    match node:
        case TableOf(item=item, keys=""):
            return ListOf(Table({KEY: Field("記号", Text(longest=100)), VALUE: Field("内容", item)}))
        case TableOf(item=item, keys=table):
            return Table(
                {key: Field(node.label(key, offer.rules), item, required=False) for key in offer.rules.get(table, {})}
            )
        case ListOf(item=OneOf(choices=choices) as item, at_least=least) if least == len(choices):
            # どれも一度ずつ選ぶ並びは、順番を選ぶ。
            return Table({str(place): Field(f"{place}番目", item) for place in range(1, least + 1)})
        case _:
            return node


def _into(node: Node, value: Any) -> Any:
    match node:
        case TableOf(keys=""):
            return [{KEY: key, VALUE: each} for key, each in (value or {}).items()]
        case ListOf(item=OneOf(choices=choices), at_least=least) if least == len(choices):
            return {str(place): each for place, each in enumerate(value or (), start=1)}
        case _:
            return value


def _out(node: Node, value: Any) -> Any:
    match node:
        case TableOf(keys=""):
            return {row[KEY]: row[VALUE] for row in value if KEY in row and VALUE in row}
        case ListOf(item=OneOf()):
            return list(value.values())
        case _:
            return value


def _pruned(typed: Any) -> Any:
    """Leave out the rows in which nothing was typed."""
    if isinstance(typed, dict):
        return {key: _pruned(each) for key, each in typed.items()}
    if isinstance(typed, list):
        return [_pruned(each) for each in typed if not is_blank(each)]
    return typed


def _under(name: str, key: str | int) -> str:
    return f"{name}.{key}" if name else str(key)


def _number(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else otherwise
