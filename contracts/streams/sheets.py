"""CSV of any length, written piece by piece (RFC 4180), for the spreadsheets of Japanese offices."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from contracts.streams.cells import Cell, Losses, safe_row
from contracts.streams.zips import zipped

ROWS = 500
LOST_NAME = "変換できない文字.csv"
Rows = Iterable[Sequence[Cell]]


def utf8(heading: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Write a CSV in UTF-8 with BOM, which every spreadsheet reads; the heading leaves before the first row is read."""
    yield codecs.BOM_UTF8
    for _, batch in _batches(heading, rows):
        yield _written(batch).encode()


def cp932(heading: Sequence[str], rows: Rows, losses: Losses) -> Iterator[bytes]:
    """Write a CSV in CP932; what it cannot hold is replaced and told to `losses`."""
    for line, batch in _batches(heading, rows):
        try:
            yield _written(batch).encode("cp932")
        except UnicodeEncodeError:
            fitting = ([_fitted(cell, losses, at) for cell in row] for at, row in enumerate(batch, start=line))
            yield _written(fitting).encode("cp932")


def cp932_with_list(name: str, heading: Sequence[str], rows: Rows, *, at: datetime) -> Iterator[bytes]:
    """Write a ZIP of the CSV in CP932 and the list (in UTF-8) of the characters it could not hold.

    What is missing is known only after the last row has left, so the list follows the table.
    """
    losses = Losses()
    table = (name, cp932(heading, rows, losses))
    lost = (LOST_NAME, utf8(Losses.HEADING, losses.rows()))
    return zipped([table, lost], at=at)


def _batches(heading: Sequence[str], rows: Rows) -> Iterator[tuple[int, list[Sequence[Cell]]]]:
    """Yield the rows in handfuls, each with its first line in the file; the heading goes alone and at once."""
    yield 1, [heading]
    left, line = iter(rows), 2
    while batch := list(islice(left, ROWS)):
        yield line, batch
        line += len(batch)


def _written(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(map(safe_row, rows))
    return out.getvalue()


def _fitted(cell: Cell, losses: Losses, line: int) -> Cell:
    return losses.fit(cell, line=line) if isinstance(cell, str) else cell
