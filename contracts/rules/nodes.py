"""The shapes of rule data: each checks a value, says it in Japanese, and can be walked (editor, file, comparison)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.letters import BIDI
from contracts.dates import wareki
from contracts.rules.errors import RuleError

Rules = Mapping[str, Any]

# 課の名のところに書く「案件の担当課」。案件の担当課を読み手が当てはめる。
CASE_DEPARTMENT = "case_department"
LONGEST_TEXT = 20_000
UNWRITABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{''.join(BIDI)}]")


@dataclass(frozen=True)
class Text:
    """Words; line breaks and tabs only when multiline."""

    multiline: bool = False
    longest: int = LONGEST_TEXT

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, str) or not value.strip():
            raise RuleError(f"{at}は空でない文字列で書いてください。")
        if len(value) > self.longest:
            raise RuleError(f"{at}は{self.longest}文字以内で書いてください（いま{len(value)}文字）。")
        if found := UNWRITABLE.search(value):
            raise RuleError(f"{at}の{found.start() + 1}文字目に、使えない文字（U+{ord(found[0]):04X}）があります。")
        if not self.multiline and re.search("[\n\t]", value):
            raise RuleError(f"{at}は改行やタブのない1行で書いてください。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return str(value)


@dataclass(frozen=True)
class Url:
    """An address of the web; no other scheme, so that a link of the rules can run nothing."""

    def check(self, value: object, at: str) -> None:
        Text(longest=500).check(value, at)
        if not re.fullmatch(r"https?://[^\s/]+\S*", str(value)):
            raise RuleError(f"{at}は https:// から始まるアドレスで書いてください（いまの値：{value}）。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return str(value)


@dataclass(frozen=True)
class Email:
    """A mail address."""

    def check(self, value: object, at: str) -> None:
        Text(longest=254).check(value, at)
        if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", str(value)):
            raise RuleError(f"{at}はメールアドレスで書いてください（いまの値：{value}）。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return str(value)


@dataclass(frozen=True)
class Office:
    """The name of a department, or CASE_DEPARTMENT."""

    def check(self, value: object, at: str) -> None:
        Text(longest=100).check(value, at)

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return "案件の担当課" if value == CASE_DEPARTMENT else str(value)


@dataclass(frozen=True)
class KeyOf:
    """A key of one of the tables in which a municipality names its own things ("kinds", "methods")."""

    table: str

    def check(self, value: object, at: str) -> None:
        # 表にその呼び名があるかは、規則の全体を見て validate が確かめる。
        Text(longest=100).check(value, at)

    def show(self, value: Any, rules: Rules) -> str:
        return str(rules.get(self.table, {}).get(value, value))


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, bool):
            raise RuleError(f"{at}は true か false で書いてください。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return "はい" if value else "いいえ"


@dataclass(frozen=True)
class Day:
    """A day of one year: a TOML date, or 「2026-03-01」."""

    def check(self, value: object, at: str) -> None:
        try:
            as_date(value)
        except ValueError:
            raise RuleError(f"{at}は「2026-03-01」の形の実在する日付で書いてください（いまの値：{value}）。") from None

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return wareki(as_date(value))


@dataclass(frozen=True)
class MonthDay:
    """A day of every year: 「04-01」."""

    def check(self, value: object, at: str) -> None:
        try:
            # 2月29日も年ごとの日として書けるように、うるう年で確かめる。
            as_date(f"2024-{value}")
        except ValueError:
            raise RuleError(f"{at}は「04-01」の形の月日で書いてください（いまの値：{value}）。") from None

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return month_day(value)


@dataclass(frozen=True)
class DayOrMonthDay:
    """A day of one year or of every year."""

    def check(self, value: object, at: str) -> None:
        (MonthDay() if is_month_day(value) else Day()).check(value, at)

    def show(self, value: Any, rules: Rules) -> str:
        return f"毎年{month_day(value)}" if is_month_day(value) else Day().show(value, rules)


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high, both inclusive."""

    low: int
    high: int

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise RuleError(f"{at}は{self.low}以上{self.high}以下の整数で書いてください（いまの値：{value}）。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return f"{value:,}"


@dataclass(frozen=True)
class OneOf:
    """One of the choices, {value: Japanese label}."""

    choices: Mapping[str, str]

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, str) or value not in self.choices:
            raise RuleError(f"{at}は{'、'.join(self.choices)}のいずれかで書いてください（いまの値：{value}）。")

    def show(self, value: Any, rules: Rules) -> str:  # noqa: ARG002
        return self.choices[value]


@dataclass(frozen=True)
class ListOf:
    """A list; tables in it are told apart, when two versions are compared, by the fields of `known_by`."""

    item: "Node"
    at_least: int = 0
    known_by: tuple[str, ...] = ()

    def check(self, value: object, at: str) -> None:
        if not isinstance(value, list | tuple) or len(value) < self.at_least:
            raise RuleError(f"{at}は{f'{self.at_least}個以上の' if self.at_least else ''}並びで書いてください。")
        for number, element in enumerate(value, start=1):
            self.item.check(element, f"{at}の{number}番目")

    def show(self, value: Any, rules: Rules) -> str:
        if isinstance(self.item, Table):
            return "\n".join(f"{number}　{self.item.show(each, rules)}" for number, each in enumerate(value, start=1))
        return ("\n" if isinstance(self.item, Text) else "、").join(self.item.show(each, rules) for each in value)


@dataclass(frozen=True)
class TableOf:
    """A table whose keys the municipality chooses, or takes from another of its tables (`keys`)."""

    item: "Node"
    keys: str = ""

    def check(self, value: object, at: str) -> None:
        for key, element in _mapping(value, at).items():
            Text(longest=100).check(key, f"{at}のキー")
            self.item.check(element, f"{at}の「{key}」")

    def show(self, value: Any, rules: Rules) -> str:
        return "\n".join(f"{self.label(key, rules)}：{self.item.show(each, rules)}" for key, each in value.items())

    def label(self, key: str, rules: Rules) -> str:
        """Name a key as people do, where another table has its name."""
        return KeyOf(self.keys).show(key, rules) if self.keys else key


@dataclass(frozen=True)
class Field:
    """One key of a table: its Japanese name, its shape, whether it must be there, and a word of help."""

    label: str
    node: "Node"
    help: str = ""
    required: bool = True


@dataclass(frozen=True)
class Table:
    """A table with fixed keys."""

    fields: Mapping[str, Field]

    def check(self, value: object, at: str) -> None:
        found = _mapping(value, at)
        inside = f"{at}の" if at else ""
        for key in (key for key in found if key not in self.fields):
            raise RuleError(f"{inside}「{key}」という項目はありません。使えるのは{'、'.join(self.fields)}です。")
        for key, field in self.fields.items():
            if key in found:
                field.node.check(found[key], f"{inside}「{key}」（{field.label}）")
            elif field.required:
                raise RuleError(f"{inside}「{key}」（{field.label}）がありません。")

    def show(self, value: Any, rules: Rules) -> str:
        found = ((field, value[key]) for key, field in self.fields.items() if key in value)
        return "／".join(f"{field.label}：{field.node.show(each, rules)}" for field, each in found)


Node = (
    Text
    | Url
    | Email
    | Office
    | KeyOf
    | Flag
    | Day
    | MonthDay
    | DayOrMonthDay
    | Whole
    | OneOf
    | ListOf
    | TableOf
    | Table
)


PROSE = Text(multiline=True)
NAME = Text(longest=200)


def optional(label: str, node: Node, help_: str = "") -> Field:
    """Make a field that a rule set may leave out."""
    return Field(label, node, help_, required=False)


def as_date(value: object) -> date:
    """Read a day that TOML keeps as a date and JSON as text; raise ValueError for anything else."""
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(value)
    return date.fromisoformat(value)


def is_month_day(value: object) -> bool:
    """Tell a day of every year (「08-14」) from a day of one year."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", value) is not None


def month_day(value: str) -> str:
    """Write a day of every year, 「4月1日」."""
    month, day = map(int, value.split("-"))
    return f"{month}月{day}日"


def _mapping(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise RuleError(f"{at or '規則'}は表（キーと値の組）で書いてください。")
    return value
