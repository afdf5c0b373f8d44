"""The index of contracts concluded elsewhere: one CSV row per PDF, read against the files that came with it (R23)."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts import tables
from contracts.dates import parse_date, parse_yen, wareki
from contracts.tables import Column, Row

MOST_LISTED = 2_000
SUFFIX = ".pdf"


@dataclass(frozen=True)
class Index:
    """What a package would bring in: its rows, each with its problems, and the files that no row names."""

    encoding: str
    rows: tuple[Row, ...]
    unlisted: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether every row can be taken in, and every file has its row."""
        return not self.unlisted and not any(row.problems for row in self.rows)


def columns(kinds: Mapping[str, str]) -> tuple[Column, ...]:
    """Give the columns of the index, for a city that names its kinds of case so ({key: name})."""
    by_name = {name: key for key, name in kinds.items()}
    return (
        Column("file", "ファイル名", _file, example="令和3年度_橋梁補修.pdf"),
        Column("concluded_date", "契約日", parse_date, example="令和3年7月1日"),
        Column("party", "取引先", tables.name(200), example="株式会社髙﨑建設"),
        Column("amount", "契約金額", parse_yen, example="11,000,000"),
        Column("title", "件名", tables.name(200), example="元町橋橋梁補修工事"),
        Column("kind", "区分", tables.one_of(by_name), example=next(iter(by_name), "")),
        Column("number", "契約番号", tables.name(60), required=False, may_be_empty=True, example="第12号"),
        Column("completed_date", "履行完了日", parse_date, required=False, may_be_empty=True, example="R4.3.25"),
    )


def read(
    content: bytes, *, kinds: Mapping[str, str], files: Collection[str], on: date, most: int = MOST_LISTED
) -> Index:
    """Read an index CSV against the names of the files beside it, as of a day in Japan; nothing is written.

    Raises TableRefused when the file cannot be read as this table at all.
    """
    table = tables.read(content, columns(kinds))
    if len(table.rows) > most:
        raise tables.TableRefused(f"一度に取り込めるのは{most:,}件までです。分けてお送りください。")
    there = {composed(name) for name in files}
    times = Counter(row.values.get("file") for row in table.rows)
    rows = tuple(replace(row, problems=[*row.problems, *_problems(row, there, times, on)]) for row in table.rows)
    return Index(table.encoding, rows, tuple(sorted(there - times.keys())))


def composed(name: str) -> str:
    """Write the name of a file as names are compared: some systems take 「が」 apart into 「か」 and its mark."""
    return unicodedata.normalize("NFC", name)


def _file(text: str) -> str:
    name = composed(tables.name(255)(text))
    if "/" in name or "\\" in name:
        raise ValueError("フォルダーの名を付けず、ファイルの名だけを書いてください。")
    if not name.lower().endswith(SUFFIX):
        raise ValueError("PDF ファイルの名を「.pdf」まで書いてください。")
    return name


def _problems(row: Row, there: Collection[str], times: Mapping[str | None, int], on: date) -> Iterator[list[str]]:
    """Say what is wrong with a row beside its cells: its file, and its days."""
    if name := row.values.get("file"):
        if name not in there:
            yield ["ファイル名", f"「{name}」というファイルが、いっしょに届いていません。"]
        if times[name] > 1:
            yield ["ファイル名", f"「{name}」が{times[name]}行にあります。一つの契約書は1行にしてください。"]
    concluded, completed = row.values.get("concluded_date"), row.values.get("completed_date")
    if concluded and concluded > on:
        yield ["契約日", f"{wareki(concluded)}は、まだ来ていません。締結した契約だけを取り込めます。"]
    if completed and completed > on:
        yield ["履行完了日", f"{wareki(completed)}は、まだ来ていません。完了していない契約では、空けておいてください。"]
    if concluded and completed and completed < concluded:
        yield ["履行完了日", f"契約日（{wareki(concluded)}）より前です。"]
