"""The words of the rules on a page: escaped, with the addresses in them made into links."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# 和文では、アドレスのすぐ後に空白なしで文が続く。ASCII の続くところまでがアドレス。
ADDRESS = re.compile(r"(https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]*[A-Za-z0-9/_=-])")


@register.filter
def linked(value: object) -> SafeString:
    """{{ paragraph|linked }} → the text, escaped, with its addresses as links."""
    pieces = ADDRESS.split(str(value))
    return format_html_join("", "{}", ((_link(piece) if place % 2 else piece,) for place, piece in enumerate(pieces)))


def _link(address: str) -> SafeString:
    return format_html('<a class="address" href="{0}">{0}</a>', address)
