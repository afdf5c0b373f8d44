"""A key stands where people wrote it, too: in the subject of a mail, the name of a file. It is masked there (R124)."""

import re
from collections.abc import Iterable

from django.views.decorators.debug import sensitive_variables

MASK = "••••"
# 半角の文字と、その全角。キーに使える文字のうち、全角のあるものすべて
TO_WIDE = 0xFEE0


@sensitive_variables("text", "keys", "key")
def hush(text: str, keys: Iterable[str]) -> str:
    """Mask keys in words that are kept in clear, in whatever width and case they were typed."""
    for key in keys:
        text = re.sub("".join(map(_either, key)), MASK, text, flags=re.IGNORECASE) if key else text
    return text


def _either(char: str) -> str:
    wide = chr(ord(char) + TO_WIDE) if "!" <= char <= "~" else char
    return f"(?:{re.escape(char)}|{re.escape(wide)})"
