"""The articles of a clause set (約款) as data: numbered when printed, their placeholders filled from the terms."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.refusals import Refusal

PLACEHOLDERS = {
    "orderer": "発注者の名称",
    "contractor": "受注者の名称",
    "place": "工事場所・履行場所",
    "conclusion_day": "契約締結日",
    "delay_rate": "遅延損害金・遅延利息の率",
    "arbitration_body": "紛争を処理する審査会",
    "advance_percent": "前払金の割合",
    "interim_percent": "中間前払金の割合",
    "partial_payments": "部分払の回数",
}
_WRITTEN = re.compile(r"\{([^{}]*)\}")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


class ClauseRefused(Refusal):
    """An article asks for a value that no contract has."""


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article (条): its heading, and its paragraphs (項); a paragraph's further lines are its items (号)."""

    title: str
    paragraphs: tuple[str, ...]


def read(data: Iterable[Mapping[str, Any]]) -> tuple[Article, ...]:
    """Read articles as rule data keeps them: [{title, paragraphs}]."""
    return tuple(Article(title=one["title"], paragraphs=tuple(one["paragraphs"])) for one in data)


def fill(articles: Iterable[Article], values: Mapping[str, str]) -> tuple[Article, ...]:
    """Put values in the place of {name}; raises ClauseRefused for a name that is not among PLACEHOLDERS."""

    def filled(one: Article) -> Article:
        return Article(title=_filled(one.title, values), paragraphs=tuple(map(paragraph, one.paragraphs)))

    def paragraph(text: str) -> str:
        return _filled(text, values)

    return tuple(filled(one) for one in articles)


def _filled(text: str, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in PLACEHOLDERS:
            raise ClauseRefused(
                f"約款の「{{{found[1]}}}」に入れる値がありません。使えるのは{'、'.join(PLACEHOLDERS)}です。"
            )
        return values[found[1]]

    return _WRITTEN.sub(value, text)


@dataclass(frozen=True, kw_only=True)
class NumberedArticle:
    """An article as it is printed: its heading, its numbered lines, and whether each line is an item (号)."""

    title: str
    lines: tuple[tuple[str, bool], ...]


def numbered(articles: Iterable[Article]) -> tuple[NumberedArticle, ...]:
    """Number articles 第１条… and their paragraphs 2, 3…, the first unnumbered, as statutes do."""
    return tuple(
        NumberedArticle(title=one.title, lines=tuple(_numbered(one, place)))
        for place, one in enumerate(articles, start=1)
    )


def _numbered(article: Article, place: int) -> Iterator[tuple[str, bool]]:
    for count, paragraph in enumerate(article.paragraphs, start=1):
        sign = f"第{number(place)}条" if count == 1 else number(count)
        first, *items = paragraph.strip().splitlines()
        yield f"{sign}　{first}", False
        yield from ((item.strip(), True) for item in items)


def number(value: int) -> str:
    """Write the number of an article or a paragraph as statutes in print do: one digit full-width, more half-width."""
    return str(value).translate(_FULL_WIDTH) if value < 10 else str(value)
