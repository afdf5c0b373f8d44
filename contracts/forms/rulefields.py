"""One value of the rules as a person types it: the shape of the schema decides how it is shown, read and checked."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contracts.dates import parse_date
from contracts.rules import CASE_DEPARTMENT, RuleError, Rules
from contracts.rules.nodes import (
    Day,
    DayOrMonthDay,
    Field,
    Flag,
    KeyOf,
    ListOf,
    MonthDay,
    Node,
    Office,
    OneOf,
    Text,
    Whole,
)
from contracts.ruletext import plainly

CHOOSE, SILENT = "選んでください", "定めない"
YES_NO = {"true": "はい", "false": "いいえ"}
# これより多い選択肢は、並べずに開いて選ぶ。
MOST_RADIOS = 4
EVERY_YEAR = re.compile(r"(?:毎年)?(\d{1,2})[月/.-](\d{1,2})日?")
HINTS: Mapping[type, str] = {
    Day: "例：令和8年4月1日、2026/4/1",
    MonthDay: "例：4月1日",
    DayOrMonthDay: "例：8月14日（毎年）、令和8年10月2日（その年だけ）",
}
BY_LINE, BY_BLANK_LINE = "一行に一つずつ書きます。", "空の行で区切ります。"


@dataclass(frozen=True)
class Offer:
    """What there is to choose from beyond the schema: the draft's own tables, and the city's departments."""

    rules: Rules
    departments: Sequence[str] = ()


class ValueField(forms.Field):
    """One value of the schema; cleaned, it is JSON-ready, or None where nothing was typed."""

    default_error_messages = {"required": "入力してください。"}

    def __init__(self, each: Field, *, offer: Offer, typed: Any, compact: bool, needed: bool) -> None:
        self.node = each.node
        choices = _choices(each.node, offer, typed)
        super().__init__(
            required=each.required and needed,
            label=each.label,
            help_text=" ".join(filter(None, [each.help, _hint(each.node)])),
            widget=_widget(each, choices, compact=compact),
            initial=typed,
        )

    def clean(self, value: Any) -> Any:
        """Read what was typed; raise ValidationError in the words of the schema."""
        if is_blank(value):
            self.validate(None)
            return None
        try:
            read = parse(self.node, value)
            self.node.check(read, f"「{self.label}」")
        except RuleError as wrong:
            raise ValidationError(plainly(str(wrong))) from wrong
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong
        return read


def is_blank(typed: Any) -> bool:
    """Tell whether nothing was typed: in a field, in a row, in all of several."""
    if isinstance(typed, str):
        return not typed.strip()
    return all(map(is_blank, typed.values() if isinstance(typed, dict) else typed or ()))


def show(node: Node, value: Any) -> Any:
    """Write a value as a person would type it: text, or a list of what is ticked; "" for no value."""
    match node:
        case ListOf(item=OneOf() | KeyOf()):
            return list(value or ())
        case ListOf(item=item):
            return _between(item).join(show(item, each) for each in value or ())
        case _ if value is None:
            return ""
        case Flag():
            return "true" if value else "false"
        case Day() | MonthDay() | DayOrMonthDay() | Whole():
            return node.show(value, {})
        case _:
            return str(value)


def parse(node: Node, typed: Any) -> Any:
    """Read what was typed, full-width digits and both calendars included; raise ValueError with a sentence."""
    match node:
        case ListOf(item=OneOf() | KeyOf()):
            return list(typed)
        case ListOf(item=Text(multiline=True) as item):
            return [parse(item, each) for each in re.split(r"\n(?:[ \t]*\n)+", _lines(typed)) if each.strip()]
        case ListOf(item=item):
            lines = enumerate(_lines(typed).split("\n"), start=1)
            return [_line(item, each, number) for number, each in lines if each.strip()]
        case Text(multiline=True):
            return _lines(typed)
        case Day():
            return parse_date(typed).isoformat()
        case MonthDay():
            if not (day := _month_day(typed)):
                raise ValueError(f"「{typed.strip()[:40]}」を月日として読めません。「4月1日」の形で書いてください。")
            return day
        case DayOrMonthDay():
            return _month_day(typed) or parse_date(typed).isoformat()
        case Whole():
            return _whole(typed)
        case Flag():
            return typed == "true"
        case _:
            return typed.strip()


def _lines(typed: str) -> str:
    return typed.replace("\r\n", "\n").strip("\n")


def _line(item: Node, typed: str, number: int) -> Any:
    try:
        return parse(item, typed)
    except ValueError as wrong:
        raise ValueError(f"{number}行目：{wrong}") from wrong


def _between(item: Node) -> str:
    return "\n\n" if isinstance(item, Text) and item.multiline else "\n"


def _month_day(typed: str) -> str:
    """Read a day of every year as 「04-01」, "" for another notation; raise ValueError where there is no such day."""
    found = EVERY_YEAR.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if not found:
        return ""
    month, day = int(found[1]), int(found[2])
    # 年ごとの日なので、うるう年の日まで書ける。
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
        raise ValueError(f"「{typed.strip()}」という日はありません。月と日を確かめてください。")
    return f"{month:02}-{day:02}"


def _whole(typed: str) -> int:
    plain = unicodedata.normalize("NFKC", typed).replace(",", "").strip()
    if not re.fullmatch(r"[0-9]{1,18}", plain):
        raise ValueError(f"「{typed.strip()[:40]}」を数として読めません。0以上の整数を数字で書いてください。")
    return int(plain)


def _hint(node: Node) -> str:
    match node:
        case ListOf(item=OneOf() | KeyOf()):
            return ""
        case ListOf(item=Text(multiline=True)):
            return BY_BLANK_LINE
        case ListOf(item=item):
            return f"{BY_LINE}{HINTS.get(type(item), '')}"
        case _:
            return HINTS.get(type(node), "")


def _choices(node: Node, offer: Offer, typed: Any) -> list[tuple[str, str]]:
    match node:
        case ListOf(item=OneOf() | KeyOf() as item):
            known = dict(_choices(item, offer, ""))
            # いまの並びを変えないよう、選んであるものを先に置く。
            return [(key, known.get(key, key)) for key in dict.fromkeys([*typed, *known])]
        case OneOf(choices=choices):
            found = dict(choices)
        case KeyOf(table=table):
            found = dict(offer.rules.get(table, {}))
        case Office():
            found = {CASE_DEPARTMENT: node.show(CASE_DEPARTMENT, {})} | {name: name for name in offer.departments}
        case Flag():
            found = YES_NO
        case _:
            return []
    unknown = {} if not typed or typed in found else {typed: f"{typed}（いまはありません）"}
    return list((found | unknown).items())


def _widget(each: Field, choices: list[tuple[str, str]], *, compact: bool) -> forms.Widget:
    match each.node:
        case ListOf(item=OneOf() | KeyOf()):
            return forms.CheckboxSelectMultiple(choices=choices)
        case Text(multiline=True) | ListOf(item=Text(multiline=True)):
            return forms.Textarea(attrs={"rows": 3 if compact else 4})
        case ListOf():
            return forms.Textarea(attrs={"rows": 3})
        case OneOf() | Flag() if not compact and len(choices) <= MOST_RADIOS:
            silent = [] if each.required else [("", SILENT)]
            return forms.RadioSelect(choices=[*silent, *choices])
        case OneOf() | Flag() | KeyOf() | Office():
            return forms.Select(choices=[("", CHOOSE if each.required else SILENT), *choices])
        case Whole():
            return forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        case _:
            return forms.TextInput(attrs={"autocomplete": "off"})
