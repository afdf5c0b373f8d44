"""Template filters for days, instants and amounts in the language of the page; an empty value stays empty."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext

from contracts import dates, durations, readings

register = template.Library()


@register.filter
def wareki(value: object) -> str:
    """{{ case.awarded_date|wareki }} → 令和8年3月1日, in English 1 March 2026"""
    return dates.said(value) if isinstance(value, date) else ""


@register.filter
def wareki_month(value: object) -> str:
    """{{ record.started_month|wareki_month }} → R7.4"""
    return dates.wareki_month(value) if isinstance(value, date) else ""


@register.filter
def weekday_date(value: object) -> str:
    """{{ case.conclusion_deadline_date|weekday_date }} → 3月11日(水)"""
    return dates.weekday_date(value) if isinstance(value, date) else ""


@register.filter
def jst(value: object) -> str:
    """{{ contract.concluded_at|jst }} → 2026-03-05 10:20:30 +09:00"""
    return dates.jst(value) if isinstance(value, datetime) else ""


@register.filter
def yen(value: object) -> str:
    """{{ case.amount|yen }} → 1,000,000円, in English ¥1,000,000"""
    if not isinstance(value, int | Decimal):
        return ""
    return f"¥{int(value):,}" if _is_english() else dates.yen(int(value))


@register.filter
def in_brackets(value: object) -> str:
    """{{ case.awarded_date|in_brackets }} → its weekday, （日）, in English (Sun) after a space"""
    if not isinstance(value, date):
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    weekday = dateformat.format(local, "D")
    return f" ({weekday})" if _is_english() else f"（{weekday}）"


@register.filter
def lasting(value: str) -> str:
    """{{ kept|lasting }} → 14日, in English 14 days; `value` as durations.write_duration writes it"""
    found = durations.WRITTEN.fullmatch(value)
    if found is None or not _is_english():
        return value
    unit = durations.UNITS[found[2]]
    return f"{found[1]} {unit.removesuffix('s') if found[1] == '1' else unit}"


@register.filter
def ja(value: object) -> object:
    """{{ case.title|ja }} → the text, on an English page marked as Japanese for those who hear it read"""
    return format_html('<span lang="ja">{}</span>', value) if value and _is_english() else value


@register.simple_tag
def named(name: str, kana: str = "") -> object:
    """{% named step.name step.reading %} → the name, read above where its reading is known; bare on an English page"""
    if not kana or _is_english():
        return ja(name)
    return format_html_join("", "{}", ((_read_above(*piece),) for piece in readings.pieces(name, kana)))


@register.simple_tag
def named_firm(firm: Any) -> object:
    """{% named_firm case.contractor %} → its name with the reading, and the branch that contracts for it"""
    name = named(firm.name, firm.name_kana)
    return format_html("{}　{}", name, ja(firm.branch)) if firm.branch else name


def _read_above(text: str, reading: str) -> str:
    return format_html("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>", text, reading) if reading else text


@register.filter
def names(bodies: Iterable[Any]) -> str:
    """{{ cities|names }} → their names, one after the other"""
    return gettext("、").join(each.name for each in bodies)


@register.filter
def listed(words: Iterable[object]) -> str:
    """{{ papers|listed }} → sentences or labels of ours, each in the language of the page, one after the other"""
    return gettext("、").join(str(said(each)) for each in words)


@register.filter
def told(value: object) -> object:
    """{{ reason|told }} → a sentence of ours in the language of the page, or marked as Japanese as `ja` does"""
    translated = said(value)
    return ja(value) if translated == value and _is_japanese(str(value)) else translated


@register.filter
def said(value: object) -> object:
    """{{ reason|said }} → as `told`, for an attribute: not marked when it stays Japanese"""
    if not value or not _is_english():
        return value
    # 「署名タイムスタンプ: 」のように、前に何についてかを言う文は、二つに分けて引く。
    text = str(value)
    about, colon, rest = text.partition(": ")
    if gettext(text) != text:
        return gettext(text)
    return f"{gettext(about)}: {gettext(rest)}" if colon and gettext(about) != about else value


def _is_japanese(text: str) -> bool:
    # 英語の文は点で終わる。日本語の名前が挟まっていても、文は英語のもの。
    return not text.endswith(".") and any("\u3040" <= letter <= "\u9fff" for letter in text)


def _is_english() -> bool:
    return get_language() == "en"
