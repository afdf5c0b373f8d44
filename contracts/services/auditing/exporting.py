"""Hand out the answers of a search as a file; who took what stands in the journal, and nothing else changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import permissions
from contracts.archive import exporting, searching
from contracts.archive.asking import Wanted
from contracts.archive.paging import Order
from contracts.services import evidence
from contracts.streams import books, sheets
from contracts.streams.names import file_name

THREAD, TITLE = "archive", "締結済みの契約"
FORMATS = {
    "xlsx": "Excel ブック（xlsx）",
    "utf8": "CSV（UTF-8、BOM 付き）",
    "cp932": "CSV（CP932＝Shift_JIS。変換できない文字の一覧とともに ZIP で）",
}
TYPES = {
    "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "utf8": (".csv", "text/csv; charset=utf-8"),
    "cp932": (".zip", "application/zip"),
}


@dataclass(frozen=True)
class Handed:
    """A file on its way out: it is made as it is read."""

    name: str
    type: str
    pieces: Iterator[bytes]


@transaction.atomic
def export(
    wanted: Wanted, *, question: str, order: Order, columns: Sequence[str], form: str, actor: Actor, at: datetime
) -> Handed:
    """Note that the answers to a question (as its address has it) are taken in a form of FORMATS, and begin the file.

    Reading begins with the first piece, outside this transaction.
    """
    doors.check(permissions.can_read, actor)
    count = sum(total.count for total in searching.count(wanted, actor=actor).values())
    told = {"question": question, "form": form, "columns": list(columns), "rows": count}
    evidence.record_in(THREAD, "archive.exported", subject="archive", actor=actor, at=at, **told)
    ending, type_ = TYPES[form]
    name = file_name(TITLE, actor.organization_name, f"{timezone.localtime(at):%Y%m%d-%H%M}")
    rows = exporting.rows(wanted, actor=actor, order=order, columns=columns)
    return Handed(name + ending, type_, _written(form, name, exporting.heading(columns), rows, at=at))


def _written(form: str, name: str, heading: Sequence[str], rows: Any, *, at: datetime) -> Iterator[bytes]:
    if form == "xlsx":
        return books.book(TITLE, heading, rows, at=at)
    if form == "cp932":
        return sheets.cp932_with_list(f"{name}.csv", heading, rows, at=at)
    return sheets.utf8(heading, rows)
