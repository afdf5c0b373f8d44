"""Patterns with Japanese placeholders: 「{発注者名}様 より{案件名}への署名依頼が届いています」 (R59)."""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


class Refused(ValueError):
    """Say why a mail cannot be written; the message is for people."""


def placeholders(pattern: str) -> list[str]:
    """List the placeholders of a pattern, in their order."""
    return PLACEHOLDER.findall(pattern)


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """Put the values in; raise KeyError for a placeholder that has none."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], pattern)


def fitting(pattern: str, values: Mapping[str, str], *, limit: int) -> str:
    """Fill a pattern in at most `limit` letters: where it is longer, its longest value is cut, and ends in 「…」."""
    written = fill(pattern, values)
    if len(written) <= limit:
        return written
    longest = max(placeholders(pattern), key=lambda name: len(values[name]), default="")
    if not longest:
        return written[: limit - 1] + "…"
    spare = len(values[longest]) - (len(written) - limit) // pattern.count(f"{{{longest}}}") - 2
    if spare < 1:
        return written[: limit - 1] + "…"
    used = {name: values[name] for name in placeholders(pattern)}
    return fitting(pattern, used | {longest: values[longest][:spare] + "…"}, limit=limit)


def one_line(text: str) -> str:
    """Return a text fit for a header; raise Refused where it is empty or holds control characters."""
    if not text or any(ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" for letter in text):
        raise Refused("メールの件名や差出人に、改行や制御文字は使えません。")
    return text
