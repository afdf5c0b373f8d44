"""The subject of the mail that brings a guarantee: written for the contractor, and read again when it comes (R90)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.folding import search_key

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# 返信や転送で前に付く語。何重にも付く。
PREFIX = re.compile(r"^(?:(?:re|fw|fwd|返信|転送)\s*[:：]\s*)+", re.IGNORECASE)
LONGEST = 300


@dataclass(frozen=True)
class Subject:
    """What a template is filled with: the name of the type of guarantee, and the case."""

    type: str
    number: str
    title: str
    contractor: str


def write(template: str, about: Subject) -> str:
    """Fill a city's template, 「【契約保証】{title}」, in at most LONGEST characters."""
    return PLACEHOLDER.sub(lambda part: str(getattr(about, part[1])), template)[:LONGEST]


def plain(subject: str) -> str:
    """Take off what replying and forwarding put before a subject; for matching only."""
    return PREFIX.sub("", unicodedata.normalize("NFKC", subject[:LONGEST]).strip())


def types(templates: Mapping[str, str], subject: str, *, names: Mapping[str, str]) -> tuple[str, ...]:
    """List the types of guarantee that a subject may tell of; `templates` and `names` are by type.

    Those are the types whose template it may have been written from; where it calls one by its name, that one alone.
    """
    text = _flat(plain(subject))
    found = tuple(type_ for type_, template in templates.items() if _pattern(template, names[type_]).fullmatch(text))
    # 「中間前払金保証」は「前払金保証」を含むので、長い名から見る。
    called = [type_ for type_ in sorted(names, key=lambda each: -len(names[each])) if _flat(names[type_]) in text]
    return tuple(called[:1]) or found


def fits(template: str, subject: str, about: Subject) -> bool:
    """Tell whether a subject is what a template gives for a case, forgiving spelling and spacing."""
    return search_key(write(template, about)) == search_key(plain(subject))


def mentions(subject: str, *, number: str, title: str) -> bool:
    """Tell whether a subject names a case by its whole number or its whole title."""
    text, title = search_key(plain(subject)), search_key(title)
    return bool(title and title in text) or _has_number(_flat(plain(subject)), _flat(number))


def _has_number(text: str, number: str) -> bool:
    """Find a number that is no part of a longer one: 「12」 is not in 「第112号」."""
    return bool(number) and re.search(rf"(?<![0-9a-z]){re.escape(number)}(?![0-9a-z])", text) is not None


def _pattern(template: str, name: str) -> re.Pattern[str]:
    text = PLACEHOLDER.sub(lambda part: name if part[1] == "type" else "\0", template)
    # 並んだ差込みは一つとみなす。間に何もなければ、どこで切れるかは案件と照らすまで分からない。
    return re.compile(".+".join(re.escape(_flat(piece)) for piece in re.split("[\0\\s]*\0\\s*", text)))


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
