"""Workbooks of any length: text that is never a formula, numbers and days that can be reckoned with."""

import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from contracts.streams import books

NOON = datetime(2026, 3, 11, 3, tzinfo=UTC)
MAIN = {"m": books.MAIN}


def opened(*rows: tuple, title: str = "契約") -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(books.book(title, ["見出し"], rows, at=NOON))))


def cells_of(workbook: zipfile.ZipFile, number: int = 1) -> list[ElementTree.Element]:
    sheet = ElementTree.fromstring(workbook.read(f"xl/worksheets/sheet{number}.xml"))
    return sheet.findall(".//m:c", MAIN)


def text_of(cell: ElementTree.Element) -> str:
    return cell.findtext("m:is/m:t", default="", namespaces=MAIN)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", " 前後の空白 ", "<b>&", "一行目\n二行目", "001"])
def test_text_stays_the_text_it_is(text):
    cell = cells_of(opened((text,)))[1]

    assert cell.get("t") == "inlineStr"
    assert text_of(cell) == text
    assert cell.find("m:f", MAIN) is None


def test_numbers_and_days_are_numbers_and_empty_cells_are_empty():
    amount, day, nothing = cells_of(opened((54_000_000, date(2026, 3, 11), None)))[1:]

    assert amount.findtext("m:v", namespaces=MAIN) == "54000000"
    assert (day.findtext("m:v", namespaces=MAIN), day.get("s")) == ("46092", "2")
    assert list(nothing) == []


def test_a_number_that_a_spreadsheet_would_round_is_kept_as_text():
    assert text_of(cells_of(opened((1_234_567_890_123_456,)))[1]) == "1234567890123456"


def test_what_xml_cannot_hold_or_excel_would_read_as_a_code_is_written_safely():
    assert text_of(cells_of(opened(("a\x00b_x0041_c",)))[1]) == "a\ufffdb_x005F_x0041_c"


def test_rows_beyond_one_sheet_go_on_in_the_next_under_the_same_heading(monkeypatch):
    monkeypatch.setattr(books, "MOST_ROWS", 3)

    workbook = opened(*[(str(number),) for number in range(5)])

    sheets = [[text_of(cell) for cell in cells_of(workbook, number)] for number in (1, 2, 3)]
    assert sheets == [["見出し", "0", "1"], ["見出し", "2", "3"], ["見出し", "4"]]
    listed = ElementTree.fromstring(workbook.read("xl/workbook.xml")).findall(".//m:sheet", MAIN)
    assert [sheet.get("name") for sheet in listed] == ["契約", "契約 (2)", "契約 (3)"]


def test_every_part_that_is_named_is_there():
    workbook = opened(title='R7/"契約": [一覧]')
    types = ElementTree.fromstring(workbook.read("[Content_Types].xml"))
    named = {part.get("PartName", "").lstrip("/") for part in types if part.get("PartName")}

    assert named == {name for name in workbook.namelist() if name.startswith("xl/") and "_rels" not in name}
    assert b'name="R7&quot;' in workbook.read("xl/workbook.xml")
