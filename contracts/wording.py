"""文言の点検: wording meant for paper, and items of 建設業法19条 that a contract does not mention."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from contracts import law
from contracts.dates import wareki

Severity = Literal["error", "warning", "info"]
EXCERPT = 16
# 打消しの語を探す長さ。語と語の間は「、」と助詞だけなので、これより長く離れることはない。
REACH = 60
# 文字を取り出すときに紛れ込む、見えない字と改行で切れた印。
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}


@dataclass(frozen=True)
class Finding:
    """One thing to mend (error), to check (warning) or to consider (info); a missing item has no place."""

    severity: Severity
    rule: str
    label: str
    reason: str
    advice: str
    document: str = ""
    page: int | None = None
    line: int | None = None
    excerpt: str = ""

    @property
    def place(self) -> str:
        """Say where it stands, 「契約書 3ページ 12行目」; empty for a missing item."""
        where = f"{self.page}ページ {self.line}行目" if self.page else ""
        return f"{self.document} {where}".strip()


def lint(text: str, *, kind: str, on: date, whole: bool = True) -> tuple[Finding, ...]:
    """Find what must change in one text that is to be signed electronically on a day; see lint_documents."""
    return lint_pages([text], kind=kind, on=on, whole=whole)


def lint_pages(pages: Sequence[str], *, kind: str, on: date, whole: bool = True) -> tuple[Finding, ...]:
    """Find what must change in the pages of one document, numbered from 1; see lint_documents."""
    return lint_documents([("", pages)], kind=kind, on=on, whole=whole)


def lint_documents(
    documents: Sequence[tuple[str, Sequence[str]]], *, kind: str, on: date, whole: bool = True
) -> tuple[Finding, ...]:
    """Find paper wording in each (title, page texts), and what the set as a whole omits of 建設業法19条1項.

    `whole` is False for an amendment, which need not repeat the items. Raises ValueError for a day before the rules.
    """
    texts = [_Text(title, pages) for title, pages in documents]
    findings = [finding for text in texts for finding in _paper_wording(text, on)]
    if whole and kind in law.read("construction_act_19")["kinds"]:
        findings += _missing_items([text.folded for text in texts], on)
    return tuple(findings)


class _Text:
    """A document folded for matching: one width, no spaces or line breaks, each character knowing where it stood."""

    def __init__(self, title: str, pages: Sequence[str]) -> None:
        self.title = title
        self._starts, self._whole = [0], ""
        for page in pages:
            self._whole += page + "\n"
            self._starts.append(len(self._whole))
        folded = [(char, index) for index, raw in enumerate(self._whole) for char in _fold(raw)]
        self.folded = "".join(char for char, _ in folded)
        self._origins = [index for _, index in folded]

    def finding(self, rule: law.Entry, start: int, end: int) -> Finding:
        first, last = self._origins[start], self._origins[end - 1] + 1
        page = bisect_right(self._starts, first)
        around = self._whole[max(0, first - EXCERPT) : last + EXCERPT]
        return Finding(
            severity=rule["severity"],
            rule=rule["key"],
            label=rule["label"],
            reason=rule["reason"],
            advice=rule["advice"],
            document=self.title,
            page=page,
            line=self._whole.count("\n", self._starts[page - 1], first) + 1,
            excerpt=re.sub(r"\s+", "", around),
        )


def _fold(char: str) -> str:
    # ㊞ は「印」に直すと、欄の印とほかの印を見分けられなくなる。
    plain = char if char == "㊞" else unicodedata.normalize("NFKC", char)
    return "".join(part for part in plain if part != "\ufffe" and unicodedata.category(part) not in INVISIBLE)


def _paper_wording(text: _Text, on: date) -> Iterator[Finding]:
    spans = [(*span, rule) for rule in _rules("paper_wording", "rules", on) for span in _spans(text.folded, rule)]
    reached = 0
    for start, end, rule in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            yield text.finding(rule, start, end)
            reached = end


def _spans(folded: str, rule: law.Entry) -> Iterator[tuple[int, int]]:
    for pattern in rule["patterns"]:
        for found in re.finditer(pattern, folded):
            if not _negation().match(folded, found.end(), found.end() + REACH):
                yield found.span()


@cache
def _negation() -> re.Pattern[str]:
    words = law.read("paper_wording")
    return re.compile(f"(?:{words['gap']})*(?:{words['negation']})")


def _missing_items(texts: Sequence[str], on: date) -> Iterator[Finding]:
    for item in _rules("construction_act_19", "items", on):
        if not all(any(re.search(pattern, text) for text in texts) for pattern in item["found_by"]):
            yield _missing(item)


def _missing(item: law.Entry) -> Finding:
    always = item["always"]
    return Finding(
        severity="error" if always else "info",
        rule=f"construction_act_19_{item['number']}",
        label=f"建設業法第19条第1項第{item['number']}号",
        reason=f"「{item['title']}」が見つかりません。",
        advice="契約書か約款に書いてください。" if always else "定めをするときは、契約書か約款に書いてください。",
    )


def _rules(name: str, key: str, on: date) -> list[law.Entry]:
    rules = law.in_force(law.read(name)[key], on=on)
    if not rules:
        raise ValueError(f"{wareki(on)}の文言を点検する規則がありません。")
    return rules
