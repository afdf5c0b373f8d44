"""Filters of the archive's page: hits marked in names as they are written, and numbers that people can read."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contracts.highlights import pieces

register = template.Library()


@register.filter
def marked(text: str, words: Iterable[str]) -> SafeString:
    """{{ entry.title|marked:words }} → 市道<mark>橋梁</mark>補修工事, all else escaped"""
    cut = pieces(text, words)
    return format_html_join("", "{}", ((_shown(piece.text, is_hit=piece.is_hit),) for piece in cut))


@register.filter
def counted(number: int) -> str:
    """{{ found.total.count|counted }} → 1,234"""
    return f"{number:,}"


def _shown(text: str, *, is_hit: bool) -> SafeString | str:
    return format_html("<mark>{}</mark>", text) if is_hit else text
