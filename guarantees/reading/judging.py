"""頁を見渡して、何の紙かを決める。"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from guarantees.reading import papers
from guarantees.reading.labels import NAMES
from guarantees.reading.page import Page

# 字の符号が分からない字体は、でたらめな字になる。日本語の紙なら、かなの続くところが必ずある。
KANA = re.compile("[ぁ-ゖァ-ヺー]{2}")
# 取り違えやすいほかの紙。題の言葉で分かる。
OTHERS = {
    "保証工事一覧": "list",
    "お客様控": "copy",
    "保証料計算書": "premium",
    "用途内訳明細書": "uses",
    "払出依頼書": "uses",
    "請負契約書": "agreement",
}


def judge(pages: Sequence[Page]) -> dict[str, Any]:
    """Say which paper it is, with its facts in plain values, and the code of a sentence where one is needed."""
    read = [page if page.glyphs else replace(page, glyphs=page.hidden) for page in pages]
    sheets = [papers.Sheet(page) for page in read if page.glyphs]
    if not sheets:
        return {"kind": "scan", "why": "no_text"}
    if not any(_is_japanese(sheet.text) for sheet in sheets):
        return {"kind": "scan", "why": "garbled"}
    return _found(sheets) | ({"recognised": True} if not any(page.glyphs for page in pages) else {})


def _is_japanese(text: str) -> bool:
    return KANA.search(text) is not None or any(name in text for name in NAMES if not name.isascii())


def _found(sheets: Sequence[papers.Sheet]) -> dict[str, Any]:
    notices = [papers.notice(sheet) for sheet in sheets if papers.is_notice(sheet)]
    certificates = [papers.certificate(sheet) for sheet in sheets if papers.is_certificate(sheet)]
    answer: dict[str, Any] = {"kind": "unknown"}
    if certificates:
        answer |= {"kind": "certificate", "certificate": certificates[0].to_json()}
    if notices:
        answer |= {"kind": "notice", "notice": notices[0].to_json() | {"key": notices[0].key}}
    if len({each.number for each in notices if each.number}) > 1:
        answer["why"] = "several"
    if answer["kind"] == "unknown":
        answer["why"] = next((OTHERS[word] for sheet in sheets for word in OTHERS if word in sheet.text), "unknown")
    return answer
