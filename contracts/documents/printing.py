"""Print a template: fill it in, refuse what the fonts cannot print, render."""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import translation

from contracts.documents import fonts

if TYPE_CHECKING:
    from contracts.documents.renderer import Attached


def print_pdf(
    template: str,
    context: Mapping[str, object],
    *,
    styles: Sequence[str],
    is_tagged: bool = True,
    attached: Sequence["Attached"] = (),
) -> bytes:
    """Print a template with the common style sheet and its own; marks laid over other pages carry no tags.

    Raises Unprintable for a character the fonts lack.
    """
    # 組版の部品は読み込みに約 1 秒かかるので、印刷しないプロセスには負わせない。
    from contracts.documents.renderer import print_html

    # 英語の画面から求められても、書面は日本語で作る。
    with translation.override("ja"):
        source = render_to_string(template, {**context, "styles": ("paper.css", *styles)})
    fonts.refuse_unprintable(html.unescape(source))
    return print_html(source, is_tagged=is_tagged, attached=attached)
