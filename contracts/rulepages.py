"""The draft of the rules as pages that a person edits one at a time: found from the schema, read from and put back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.rules import Rules, defaults, schema
from contracts.rules.nodes import Field, ListOf, Table, TableOf
from contracts.ruletext import FIRST, is_deep

GENERAL = "general"
NEW = "new"
# 名称は市のもの、版の名と施行日は公開のときに決める。「city」は開設のときだけ読む。
NOT_WRITTEN = {"name", "version", "effective_date", "city"}


@dataclass(frozen=True)
class Page:
    """Some fields of one table of the rules, at a place of the draft; `where` is its place in the address.

    A required page cannot be left empty.
    A shelf is a page that lists entries too long to be edited in rows: each has a page of its own.
    """

    where: str
    label: str
    keys: tuple[str | int, ...]
    fields: Mapping[str, Field]
    over: tuple["Page", ...] = ()
    known_by: str = ""
    required: bool = False
    inner: tuple["Page", ...] = field(default=(), compare=False)

    @property
    def is_shelf(self) -> bool:
        return bool(self.known_by)

    @property
    def help(self) -> str:
        return next(iter(self.fields.values())).help if len(self.fields) == 1 else ""


def contents() -> Iterator[Page]:
    """List the pages of the first level, each with those below it."""
    root = {key: each for key, each in schema.RULES.fields.items() if key not in NOT_WRITTEN}
    plain = {key: each for key, each in root.items() if not isinstance(each.node, Table)}
    yield Page(GENERAL, FIRST, (), plain, required=True)
    for key, each in root.items():
        if isinstance(each.node, Table):
            yield replace(_section(key, each.label, each.node), required=each.required)


def find(where: str, data: Rules) -> Page:
    """Find a page of the draft by its place; an entry of a shelf by its number, or NEW for one more.

    Raises LookupError when there is none.
    """
    for page in contents():
        for each in (page, *page.inner):
            if each.where == where:
                return each
            shelf, _, number = where.rpartition("/")
            if each.is_shelf and each.where == shelf and re.fullmatch(r"[0-9]{1,4}|new", number):
                return _entry(each, number, entries(each, data))
    raise LookupError(where)


def value(page: Page, data: Rules) -> Any:
    """Read what the draft holds at a page: a table ({} where there is nothing yet)."""
    found: Any = data
    for key in page.keys:
        if isinstance(found, Sequence):
            found = found[key] if isinstance(key, int) and key < len(found) else {}
        else:
            found = found.get(key, {})
    return found


def entries(shelf: Page, data: Rules) -> list[Any]:
    """List the entries of a shelf."""
    (key,) = shelf.fields
    return list(value(shelf, data).get(key, ()))


def note(page: Page, data: Rules) -> str:
    """Say how much there is on a page: how many entries, or that silence means something."""
    if many := len(entries(page, data)) if page.over else 0:
        return f"{many}件"
    if not page.fields or any(value(page, data).get(key) for key in page.fields):
        return ""
    return "標準の内容" if any(map(bool, _silent(page).values())) else "定めなし"


def put(page: Page, data: Rules, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draft with the fields of a page replaced; a section or an entry left empty is left out."""
    old = value(page, data)
    kept = {key: each for key, each in old.items() if key not in page.fields}
    empty: dict[str, Any] = {key: [] for key in page.fields if key not in new and _is_emptied(page, key, old, new)}
    return _put(data, page.keys, {**kept, **empty, **new})  # type: ignore[no-any-return]


def _is_emptied(page: Page, key: str, old: Rules, new: Rules) -> bool:
    """Tell an empty list from silence: where no default speaks for it, no entries means that there are none."""
    return old.get(key) == [] or (bool(new) and _is_list(page.fields[key]) and key not in _silent(page))


def _silent(page: Page) -> Rules:
    """Give what holds where the fields of a page are left empty."""
    known = defaults.known(str(page.keys[0])) if page.keys else {}
    return {key: each for key, each in known.items() if key in page.fields}


def rearranged(shelf: Page, data: Rules, items: Sequence[Any]) -> dict[str, Any]:
    """Return the draft with other entries on a shelf, or the same in another order."""
    (key,) = shelf.fields
    return put(shelf, data, {key: list(items)} if items else {})


def name(shelf: Page, entry: Rules) -> str:
    """Name an entry of a shelf."""
    return str(entry.get(shelf.known_by, ""))


def _section(key: str, label: str, table: Table) -> Page:
    fields = {name: _with_default(each, defaults.known(key).get(name)) for name, each in table.fields.items()}
    lists = {name: each for name, each in fields.items() if _is_list(each)}
    # 一覧だけの節は、一覧ごとの頁にする。ほかの節は、長い項目の並ぶ一覧と、表の中に表のある項目だけを分ける。
    long = {name: each for name, each in fields.items() if _known_by(each) or _holds_tables(each)}
    apart = lists if len(lists) == len(fields) else long
    page = Page(key, label, (key,), {name: each for name, each in fields.items() if name not in apart})
    inner = tuple(
        Page(f"{key}/{name}", each.label, (key,), {name: each}, (page,), _known_by(each))
        for name, each in apart.items()
    )
    return replace(page, inner=inner)


def _with_default(each: Field, silent: Any) -> Field:
    """Add to the help of a field what holds when it is left empty."""
    if not silent:
        return each
    said = "標準の内容を使います" if _is_list(each) else f"「{each.node.show(silent, {})}」とします"
    return replace(each, help=f"{each.help}空けておくと、{said}。")


def _is_list(each: Field) -> bool:
    return isinstance(each.node, ListOf) and isinstance(each.node.item, Table)


def _holds_tables(each: Field) -> bool:
    inner = each.node.fields.values() if isinstance(each.node, Table) else ()
    return any(isinstance(one.node, Table | TableOf) for one in inner)


def _known_by(each: Field) -> str:
    match each.node:
        case ListOf(item=Table() as table, known_by=names) if is_deep(table):
            return names[0]
    return ""


def _entry(shelf: Page, number: str, there: Sequence[Rules]) -> Page:
    place = len(there) if number == NEW else int(number)
    if number != NEW and place >= len(there):
        raise LookupError(number)
    ((key, each),) = shelf.fields.items()
    assert isinstance(each.node, ListOf) and isinstance(each.node.item, Table)  # noqa: S101, PT018 - 棚は表の並び
    label = f"{shelf.label}を加える" if number == NEW else name(shelf, there[place])
    over = (*shelf.over, shelf)
    return Page(f"{shelf.where}/{number}", label, (*shelf.keys, key, place), each.node.item.fields, over, required=True)


def _put(data: Any, keys: Sequence[str | int], new: Any) -> Any:
    if not keys:
        return new
    first, *rest = keys
    if isinstance(first, int):
        items = [*data, {}] if first == len(data) else list(data)
        items[first] = _put(items[first], rest, new)
        return items
    inner = _put(data.get(first, [] if rest and isinstance(rest[0], int) else {}), rest, new)
    return {key: each for key, each in data.items() if key != first} | ({first: inner} if inner else {})
