"""Workbooks (.xlsx, ECMA-376) of any length, written piece by piece in constant memory."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from xml.sax.saxutils import escape

from contracts.streams.cells import Cell
from contracts.streams.zips import File, zipped

MOST_ROWS = 1_048_576  # 一枚のシートの行数の上限（見出しを含む）
LONGEST_CELL = 32_767
EXACT = 10**15  # 表計算ソフトの数は15桁まで。それより大きい数は文字で書く。
DAY_ZERO = date(1899, 12, 30)
ROWS = 500
BOLD, DAY, TEXT = 1, 2, 3
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Excel は「_x0041_」を文字の番号として読むので、下線そのものを番号で書く。
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
UNFIT_TITLE = re.compile(r"[\[\]:*?/\\]")


def book(title: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], *, at: datetime) -> Iterator[bytes]:
    """Write a workbook: text is never a formula, numbers and days can be reckoned with.

    Rows beyond what one sheet holds go on in a further sheet under the same heading.
    """
    return zipped(_files(title, heading, iter(rows)), at=at)


def _files(title: str, heading: Sequence[str], rows: Iterator[Sequence[Cell]]) -> Iterator[File]:
    count = 0
    following: list[Sequence[Cell]] = []
    while count == 0 or following:
        count += 1
        yield f"xl/worksheets/sheet{count}.xml", _sheet(heading, islice(chain(following, rows), MOST_ROWS - 1))
        following = list(islice(rows, 1))
    yield "xl/styles.xml", [STYLES.encode()]
    yield "xl/workbook.xml", [_workbook(UNFIT_TITLE.sub("", title)[:25], count).encode()]
    yield "xl/_rels/workbook.xml.rels", [_links(count).encode()]
    yield "_rels/.rels", [ROOT.encode()]
    yield "[Content_Types].xml", [_types(count).encode()]


def _sheet(heading: Sequence[str], rows: Iterator[Sequence[Cell]]) -> Iterator[bytes]:
    yield f'{XML}<worksheet xmlns="{MAIN}">{FROZEN}<sheetData>'.encode()
    yield f"<row>{''.join(_text(label, BOLD) for label in heading)}</row>".encode()
    while batch := list(islice(rows, ROWS)):
        yield "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in batch).encode()
    yield b"</sheetData></worksheet>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, date):
        return f'<c s="{DAY}"><v>{(cell - DAY_ZERO).days}</v></c>'
    if isinstance(cell, int) and abs(cell) < EXACT:
        return f"<c><v>{cell}</v></c>"
    return "<c/>" if cell is None or cell == "" else _text(str(cell), TEXT)


def _text(text: str, style: int) -> str:
    # 書式も「文字列」にする。利用者がセルを開いて閉じても、計算式に変わらない。
    kept = LOOKS_ESCAPED.sub("_x005F_", NOT_XML.sub("\ufffd", text[:LONGEST_CELL]))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(kept)}</t></is></c>'


def _workbook(title: str, count: int) -> str:
    names = [title] + [f"{title} ({number})" for number in range(2, count + 1)]
    sheets = (
        f'<sheet name="{escape(name, QUOTE)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(sheets)}</sheets></workbook>'


def _links(count: int) -> str:
    sheets = (_link(number, "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, count + 1))
    return _relationships(*sheets, _link(count + 1, "styles", "styles.xml"))


def _types(count: int) -> str:
    parts = [("workbook", "sheet.main"), ("styles", "styles")]
    parts += [(f"worksheets/sheet{number}", "worksheet") for number in range(1, count + 1)]
    overrides = (f'<Override PartName="/xl/{name}.xml" ContentType="{TYPES}.{kind}+xml"/>' for name, kind in parts)
    links = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{links}{"".join(overrides)}</Types>'


def _link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _relationships(*links: str) -> str:
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'


QUOTE = {'"': "&quot;"}
ROOT = _relationships(_link(1, "officeDocument", "xl/workbook.xml"))
FROZEN = (
    '<sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews>"
)
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/mm/dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="游ゴシック"/></font>'
    '<font><b/><sz val="11"/><name val="游ゴシック"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/><xf fontId="1" numFmtId="49" applyFont="1" applyNumberFormat="1"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="標準" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
