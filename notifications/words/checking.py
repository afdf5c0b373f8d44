"""Whether an organization's own words for a mail can be used: what is wrong with them, in words for people."""

import unicodedata
from collections.abc import Iterator

from notifications.words import patterns, standard
from notifications.words.writing import Own

LENGTHS = {"subject": 150, "lead": 1000, "note": 2000}
# 差出人の名前と問い合わせ先に必ず出るので、件名や文から外してもよい
SAID_ELSEWHERE = {"発注者名", "団体名", "宛名"}
REFUSED = {"Cc": "制御文字", "Cf": "目に見えない文字", "Cs": "壊れた文字", "Zl": "改行の文字", "Zp": "改行の文字"}


def problems(template: str, own: Own) -> dict[str, str]:
    """Tell what is wrong with the words for a mail, by part; empty when they can be used."""
    return {part: why for part in LENGTHS for why in _wrong(template, own, part)}


def _wrong(template: str, own: Own, part: str) -> Iterator[str]:
    """Yield the first thing that is wrong with one part."""
    text, said = getattr(own, part), standard.of(template)
    for why in (
        _odd_letter(text, lines=part != "subject"),
        _too_long(text, LENGTHS[part]),
        _odd_placeholder(text, said.values),
        _missing(own, said, part),
    ):
        if why:
            yield why
            return


def _odd_letter(text: str, *, lines: bool) -> str:
    for position, letter in enumerate(text, start=1):
        if letter == "\n" and lines:
            continue
        if letter == "\n":
            return "件名は1行で書いてください。"
        if name := REFUSED.get(unicodedata.category(letter)):
            return f"{position}文字目に、使えない{name}（U+{ord(letter):04X}）があります。"
    return ""


def _too_long(text: str, limit: int) -> str:
    return f"{limit}文字までで書いてください（いまは{len(text)}文字）。" if len(text) > limit else ""


def _odd_placeholder(text: str, known: tuple[str, ...]) -> str:
    usable = "、".join(f"{{{name}}}" for name in known)
    for name in patterns.placeholders(text):
        if name not in known:
            return f"「{{{name}}}」という差込は、このメールにはありません。使えるのは {usable} です。"
    rest = patterns.PLACEHOLDER.sub("", text)
    if any(letter in rest for letter in "{}｛｝"):
        return f"差込は、半角の {{ と }} で囲んでください。使えるのは {usable} です。"
    return ""


def _missing(own: Own, said: standard.Standard, part: str) -> str:
    """Name a fact that the standard words tell and these no longer do."""
    subject, lead = own.subject or said.subject, own.lead or said.lead
    where = {"subject": (said.subject, subject), "lead": (said.lead, subject + lead)}
    before, now = where.get(part, ("", ""))
    lost = [name for name in patterns.placeholders(before) if name not in SAID_ELSEWHERE and f"{{{name}}}" not in now]
    return f"「{{{lost[0]}}}」は、宛先の方に必ず伝えることです。外さないでください。" if lost else ""
