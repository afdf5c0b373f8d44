"""Template filters for Japanese days, instants and amounts; an empty value stays empty."""

from datetime import date, datetime

from django import template

from contracts import dates

register = template.Library()


@register.filter
def wareki(value: object) -> str:
    """{{ case.awarded_date|wareki }} → 令和8年3月1日"""
    return dates.wareki(value) if isinstance(value, date) else ""


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
    """{{ case.amount|yen }} → 1,000,000円"""
    return dates.yen(value) if isinstance(value, int) else ""
