"""The pages and lists by which people find their way in an export, without this product and without a network."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.models import Organization
from config.exporting import placing, tables
from config.exporting.folder import Folder
from contracts.dates import fiscal_year_text
from contracts.packs.pages import RECORD, VERIFICATION
from contracts.streams import sheets
from contracts.streams.zips import File

SEARCH = Path(__file__).with_name("search.js")
CASES, LIST, SCRIPT = "契約", "一覧.csv", "検索.js"
# 一覧の列と、その見出し
COLUMNS = {
    "folder": "フォルダー",
    "year": "年度",
    "number": "番号",
    "title": "件名",
    "contractor": "相手方",
    "amount": "契約金額（円）",
    "fixed": "契約確定日時・契約日",
    "department": "担当課",
    "kind": "区分",
    "state": "状態",
    "verdict": "署名の検証",
}


@dataclass(frozen=True)
class Told:
    """What the pages tell of."""

    city: Organization
    at: datetime
    with_keys: bool
    folder: Folder

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the sums of all cases."""
        return (unit.line for unit in self.folder.units() if unit.line is not None)

    def missing(self) -> Iterator[tuple[str, str]]:
        return ((path, why) for unit in self.folder.units() for path, why in unit.missing)


def files(told: Told) -> Iterator[File]:
    """Yield the page that leads to everything, the lists by year, what is searched, and the dictionary."""
    years: dict[int, int] = {}
    for line in told.lines():
        years[line["year"]] = years.get(line["year"], 0) + 1
    yield LIST, sheets.utf8([*COLUMNS.values()], ([line[name] for name in COLUMNS] for line in told.lines()))
    yield SCRIPT, _script(told)
    for year in years:
        yield _page_of(year), [_year(told, year)]
    if any(True for _ in told.missing()):
        yield "欠けているもの.csv", sheets.utf8(("ファイル", "訳"), told.missing())
    dictionary = tables.dictionary()
    yield f"{tables.FOLDER}/辞書.json", [json.dumps(dictionary, ensure_ascii=False, indent=1).encode()]
    left = [{"table": label, "why": why} for label, why in placing.LEFT_OUT.items()]
    yield f"{tables.FOLDER}/辞書.html", [_page(told, "dictionary", dictionary=dictionary, left=left, root="../")]
    named = [(year, _name(year), count, _page_of(year)) for year, count in sorted(years.items(), reverse=True)]
    front = {"years": named, "dictionary": dictionary, "missing": sum(1 for _ in told.missing())}
    yield "index.html", [_page(told, "export", root="", **front)]
    # 案件の頁は「../index.html」を目次と呼ぶ
    yield f"{CASES}/index.html", [_page(told, "export", root="../", **front)]


def _page_of(year: int) -> str:
    return f"一覧/{year or 'その他'}.html"


def _name(year: int) -> str:
    return fiscal_year_text(year) if year else "日付のないもの"


def _year(told: Told, year: int) -> bytes:
    lines = (line for line in told.lines() if line["year"] == year)
    return _page(told, "export_year", year=_name(year), lines=lines, root="../")


def _script(told: Told) -> Iterator[bytes]:
    """Write what can be searched, a case on each line, and the search itself."""
    yield b"const ROWS = [\n"
    for line in told.lines():
        found = {name: line[name] for name in ("folder", "number", "title", "contractor", "amount", "fixed", "state")}
        yield f"{json.dumps(found, ensure_ascii=False)},\n".encode()
    yield f"];\nconst RECORD = {json.dumps(RECORD, ensure_ascii=False)};\n".encode()
    yield SEARCH.read_bytes()


def _page(told: Told, page: str, **context: Any) -> bytes:
    known = {"city": told.city, "at": told.at, "with_keys": told.with_keys, "is_trial": settings.TEST_CERTIFICATE}
    known |= {"RECORD": RECORD, "VERIFICATION": VERIFICATION}
    return render_to_string(f"packs/{page}.html", known | context).encode()
