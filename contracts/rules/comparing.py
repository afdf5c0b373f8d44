"""What changed between two versions of the rules, in the words of the schema; clauses article by article."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from contracts.rules import schema
from contracts.rules.nodes import Flag, ListOf, Node, Rules, Table, TableOf, Whole


@dataclass(frozen=True)
class Change:
    """One difference: where it is in the data, where it is in words, and both sides as a person reads them.

    A side is "" where the version says nothing there.
    """

    path: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class _Place:
    path: str = ""
    labels: tuple[str, ...] = ()

    def key(self, key: str, label: str) -> "_Place":
        return _Place(f"{self.path}.{key}" if self.path else key, (*self.labels, label))

    def item(self, number: int, label: str) -> "_Place":
        return _Place(f"{self.path}[{number}]", (*self.labels, label))


def differences(before: Rules, after: Rules) -> tuple[Change, ...]:
    """List what changed, in the order of the schema; what founds a city is no rule and is left out."""
    fields = {key: field for key, field in schema.RULES.fields.items() if key != "city"}
    return tuple(_Versions(before, after).changes(Table(fields), before, after, _Place()))


@dataclass(frozen=True)
class _Versions:
    before: Rules
    after: Rules

    def changes(self, node: Node, old: Any, new: Any, place: _Place) -> Iterator[Change]:
        """Walk down to the values that differ; None stands for a value that is not there."""
        if old == new or not (old or new or isinstance(node, Flag | Whole)):
            return
        match node:
            case Table():
                yield from self._tables(node, old or {}, new or {}, place)
            case TableOf():
                yield from self._open_tables(node, old or {}, new or {}, place)
            case ListOf(item=Table() as table, known_by=names) if names:
                yield from self._lists(table, names, old or [], new or [], place)
            case _:
                yield self._change(node, old, new, place)

    def _tables(self, table: Table, old: Rules, new: Rules, place: _Place) -> Iterator[Change]:
        for key, field in table.fields.items():
            yield from self.changes(field.node, old.get(key), new.get(key), place.key(key, field.label))

    def _open_tables(self, table: TableOf, old: Rules, new: Rules, place: _Place) -> Iterator[Change]:
        for key in dict.fromkeys([*old, *new]):
            label = table.label(key, self.after if key in new else self.before)
            yield from self.changes(table.item, old.get(key), new.get(key), place.key(key, label))

    def _lists(
        self, table: Table, names: Sequence[str], old: Sequence[Rules], new: Sequence[Rules], place: _Place
    ) -> Iterator[Change]:
        def known(each: Mapping[str, Any]) -> tuple[str, ...]:
            return tuple(str(each.get(name, "")) for name in names)

        matcher = SequenceMatcher(None, [known(each) for each in old], [known(each) for each in new], autojunk=False)
        for _, first, last, start, end in matcher.get_opcodes():
            for offset in range(max(last - first, end - start)):
                one = old[first + offset] if first + offset < last else None
                other = new[start + offset] if start + offset < end else None
                number = start + offset if other is not None else first + offset
                within = place.item(number, self._name(table, names, one, other))
                yield from self._items(table, one, other, within)

    def _items(self, table: Table, old: Rules | None, new: Rules | None, place: _Place) -> Iterator[Change]:
        if old is not None and new is not None:
            yield from self._tables(table, old, new, place)
            return
        # 増えた項目と消えた項目は、値をまとめて一つの違いとし、その中の一覧だけを一つずつ並べる。
        nested = {key for key, field in table.fields.items() if isinstance(field.node, ListOf) and field.node.known_by}
        flat = Table({key: field for key, field in table.fields.items() if key not in nested})
        yield self._change(flat, old, new, place)
        for key in sorted(nested, key=list(table.fields).index):
            field = table.fields[key]
            inside = place.key(key, field.label)
            yield from self.changes(field.node, (old or {}).get(key), (new or {}).get(key), inside)

    def _name(self, table: Table, names: Sequence[str], old: Rules | None, new: Rules | None) -> str:
        rules, each = (self.after, new) if new is not None else (self.before, old or {})
        return " ".join(table.fields[name].node.show(each[name], rules) for name in names if name in each)

    def _change(self, node: Node, old: Any, new: Any, place: _Place) -> Change:
        return Change(
            path=place.path,
            label=" › ".join(place.labels),
            before="" if old is None else node.show(old, self.before),
            after="" if new is None else node.show(new, self.after),
        )
