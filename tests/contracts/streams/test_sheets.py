"""CSV of any length: what spreadsheets run, what CP932 lacks, and when the first byte leaves."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from contracts.streams import sheets
from contracts.streams.cells import Losses, unguard

NOON = datetime(2026, 3, 11, 3, tzinfo=UTC)


def cells_of(content: bytes, codec: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(codec), newline="")))


def in_cp932(*rows: tuple) -> tuple[list[list[str]], list[tuple]]:
    losses = Losses()
    content = b"".join(sheets.cp932(["件名"], rows, losses))
    return cells_of(content, "cp932")[1:], [tuple(row) for row in losses.rows()]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_of_text_is_run_as_a_formula_and_each_can_be_read_back(start):
    text = f"{start}HYPERLINK(1)"

    written = cells_of(b"".join(sheets.utf8(["件名"], [(text,)])))[1][0]

    assert written == f"'{text}"
    assert unguard(written) == text


def test_numbers_and_days_are_written_plainly():
    content = b"".join(sheets.utf8(["日", "金額", "備考"], [(date(2026, 3, 11), -1_500, None)]))

    assert content == "\ufeff日,金額,備考\r\n2026-03-11,-1500,\r\n".encode()


def test_the_heading_leaves_before_the_first_row_is_read():
    def rows():
        raise AssertionError("読まれた")
        yield ()

    pieces = sheets.utf8(["件名"], rows())

    assert next(pieces) + next(pieces) == "\ufeff件名\r\n".encode()


def test_characters_that_only_windows_places_elsewhere_are_not_lost():
    found, lost = in_cp932(("４月〜６月−￠‖か\u3099",), ("髙﨑㈱①",))

    assert found == [["４月～６月－￠∥が"], ["髙﨑㈱①"]]
    assert lost == []


def test_what_cp932_lacks_is_listed_with_its_lines():
    rows = [("普通の工事",)] * 600 + [("𠮷野川の葛\U000e0100城",), ("𠮷𠮷",)]

    found, lost = in_cp932(*rows)

    assert found[600:] == [["〓野川の葛城"], ["〓〓"]]
    assert lost == [("𠮷", "U+20BB7", "〓", 3, "602、603、603"), ("\U000e0100", "U+E0100", "（省く）", 1, "602")]


def test_the_list_of_a_bad_file_does_not_grow_with_its_length():
    _, lost = in_cp932(*[("𠮷",)] * 5_000)

    assert lost[0][3] == 5_000
    assert lost[0][4].count("、") == 19


def test_a_table_in_cp932_comes_with_the_list_of_what_it_could_not_hold():
    content = b"".join(sheets.cp932_with_list("契約.csv", ["件名"], [("𠮷野川",)], at=NOON))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["契約.csv", "変換できない文字.csv"]
        assert archive.read("契約.csv").decode("cp932") == "件名\r\n〓野川\r\n"
        assert cells_of(archive.read("変換できない文字.csv"))[1] == ["𠮷", "U+20BB7", "〓", "1", "2"]
