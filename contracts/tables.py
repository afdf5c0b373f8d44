"""Tables in files (CSV) as Japanese offices exchange them: what encoding, which columns, which rows; and back again."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from accounts import addresses
from accounts.kana import check_reading
from contracts.folding import check_name
from contracts.streams import sheets
from contracts.streams.cells import FORMULA_STARTS, Losses, unguard

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST_CELL = 2_000
UTF8, CP932 = "UTF-8", "Shift_JIS（CP932）"
CODECS = {UTF8: "utf-8-sig", CP932: "cp932"}
SPACES = " \u3000\u00a0"
SAVE_AS = "「CSV UTF-8（コンマ区切り）」の形式で保存し直してください。"


class TableRefused(ValueError):
    """The file as a whole cannot be read; the problems say why, for the person who chose it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("　".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and how a cell of it is read (raises ValueError in Japanese)."""

    field: str
    label: str
    read: Callable[[str], Any] = str
    required: bool = True
    may_be_empty: bool = False
    example: str = ""


@dataclass(frozen=True)
class Row:
    """One row: the line on which it starts, what was read by field, and [heading, reason] of what was not."""

    line: int
    values: dict[str, Any]
    problems: list[list[str]]


@dataclass(frozen=True)
class Table:
    encoding: str
    fields: tuple[str, ...]
    rows: list[Row]


def read(content: bytes, columns: Sequence[Column]) -> Table:
    """Read a CSV file whose columns may stand in any order.

    Raises TableRefused when the file, its encoding or its header is wrong; a wrong row only carries its problems.
    """
    encoding, text = decode(content)
    if "\0" in text:
        raise TableRefused(f"文字のファイルではありません。{SAVE_AS}")
    lines = _lines(text)
    _, header = next(lines, (0, []))
    found = _header(header, columns, encoding)
    rows = [_row(line, cells, found) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not rows:
        raise TableRefused("見出しの下に、行が一つもありません。")
    return Table(encoding=encoding, fields=tuple(column.field for column in found), rows=rows)


def decode(content: bytes) -> tuple[str, str]:
    """Tell the encoding of a text file, UTF-8 (with or without BOM) or CP932, and its text; raises TableRefused."""
    if len(content) > MOST_BYTES:
        raise TableRefused(f"ファイルが大きすぎます。{MOST_BYTES // 1024 // 1024}MBまでに分けてください。")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableRefused(f"表計算ソフトのブックです。{SAVE_AS}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableRefused(f"文字コードが UTF-16 です。{SAVE_AS}")
    for encoding, codec in CODECS.items():
        try:
            return encoding, content.decode(codec)
        except UnicodeDecodeError as wrong:
            line = content.count(b"\n", 0, wrong.start) + 1
    raise TableRefused(
        f"文字コードが UTF-8 でも Shift_JIS（CP932）でもありません（{line}行目に読めない文字があります）。{SAVE_AS}"
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with the line on which each starts; a quoted cell may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start, count = 1, 0
    try:
        for cells in reader:
            yield start, cells
            start, count = reader.line_num + 1, count + 1
            if count > MOST_ROWS + 1:
                raise TableRefused(f"行が多すぎます。一度に{MOST_ROWS:,}行までにしてください。")
    except csv.Error as wrong:
        raise TableRefused(
            f'{start}行目を CSV として読めません。「"」が閉じているか、セルが長すぎないかを確かめてください。'
        ) from wrong


def _header(cells: Sequence[str], columns: Sequence[Column], encoding: str) -> list[Column]:
    """Match the headings with the columns, in the order of the file; raises TableRefused naming all that is wrong."""
    if len(cells) == 1 and set(cells[0]) & set("\t;"):
        raise TableRefused(f"列がコンマで区切られていません。{SAVE_AS}")
    typed = [plain(cell) for cell in cells]
    by_label = {plain(column.label): column for column in columns}
    if not by_label.keys() & set(typed):
        raise TableRefused(
            f"1行目に、知っている見出しが一つもありません（文字コードは{encoding}として読みました）。"
            "1行目が見出しか、文字コードが UTF-8 か Shift_JIS かを確かめてください。"
        )
    problems = []
    if missing := [c.label for c in columns if c.required and plain(c.label) not in typed]:
        problems.append(f"見出しに足りない列があります: {'、'.join(missing)}。")
    if doubled := [label for label, times in Counter(typed).items() if times > 1 and label]:
        problems.append(f"見出しに同じ列が二つ以上あります: {'、'.join(doubled)}。")
    if unknown := [f"{label or '（空の見出し）'}" for label in dict.fromkeys(typed) if label not in by_label]:
        problems.append(f"見出しに知らない列があります: {'、'.join(name[:40] for name in unknown)}。")
    if problems:
        raise TableRefused(*problems)
    return [by_label[label] for label in typed]


def plain(heading: str) -> str:
    """Write a heading as it is compared: width and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", heading).split())


def _row(line: int, cells: Sequence[str], columns: Sequence[Column]) -> Row:
    if len(cells) != len(columns):
        problem = f"セルが{len(cells)}個あります（見出しは{len(columns)}個）。「,」の過不足を確かめてください。"
        return Row(line, {}, [["行全体", problem]])
    values, problems = {}, []
    for column, cell in zip(columns, cells, strict=True):
        try:
            values[column.field] = _cell(column, cell.strip(SPACES))
        except ValueError as wrong:
            problems.append([column.label, str(wrong)])
    return Row(line, values, problems)


def _cell(column: Column, text: str) -> Any:
    if not text:
        if column.may_be_empty:
            return ""
        raise ValueError("空です。値を書いてください。")
    if len(text) > LONGEST_CELL:
        raise ValueError(f"{LONGEST_CELL}文字以内で書いてください。")
    return column.read(check_name(unguard(text)))


def write(encoding: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a CSV that spreadsheets open as text; characters that CP932 lacks become 〓."""
    heading = [column.label for column in columns]
    pieces = sheets.cp932(heading, rows, Losses()) if encoding == CP932 else sheets.utf8(heading, rows)
    return b"".join(pieces)


def name(longest: int) -> Callable[[str], str]:
    """Make the reader of a name: kept exactly as written, and never a formula."""

    def read_name(text: str) -> str:
        if text.startswith(FORMULA_STARTS):
            raise ValueError(f"「{text[0]}」で始まる値は、表計算ソフトが計算式として動かすため、ここには書けません。")
        return words(longest)(text)

    return read_name


def reading(longest: int) -> Callable[[str], str]:
    """Make the reader of a name's reading, in kana of any sort."""
    return lambda text: words(longest)(check_reading(text))


def words(longest: int) -> Callable[[str], str]:
    """Make the reader of plain words (a telephone number may start with +)."""

    def read_words(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"{longest}文字以内で書いてください（いま{len(text)}文字）。")
        return text

    return read_words


def email(text: str) -> str:
    """Read a mail address; raises ValueError."""
    try:
        addresses.check(text)
    except ValidationError:
        raise ValueError(f"「{text[:60]}」をメールアドレスとして読めません。") from None
    return text


def one_of(choices: Mapping[str, Any]) -> Callable[[str], Any]:
    """Make the reader of a word with a known meaning; width and spaces do not matter."""
    known = {plain(label): value for label, value in choices.items()}

    def read_one(text: str) -> Any:
        if plain(text) not in known:
            raise ValueError(f"「{text[:40]}」は使えません。{'、'.join(choices)}のいずれかを書いてください。")
        return known[plain(text)]

    return read_one
