"""The index of contracts concluded elsewhere, read against the files that came with it."""

import unicodedata
from datetime import date

import pytest

from contracts.elsewhere import index
from contracts.elsewhere.index import Index
from contracts.tables import CP932, TableRefused

KINDS = {"construction": "建設工事", "maintenance": "建設維持関連業務"}
HEADING = "ファイル名,契約日,取引先,契約金額,件名,区分,契約番号,履行完了日"
BRIDGE = 'がけ橋.pdf,令和3年7月1日,株式会社髙﨑建設,"11,000,000",がけ橋補修工事,建設工事,第12号,R4.3.25'


def read(*rows: str, files=("がけ橋.pdf",), encoding="utf-8", heading=HEADING) -> Index:
    content = "\r\n".join([heading, *rows]).encode(encoding)
    return index.read(content, kinds=KINDS, files=files, on=date(2026, 11, 22))


def problems(*rows: str, **given) -> list[tuple[str, str]]:
    return [(label, why) for row in read(*rows, **given).rows for label, why in row.problems]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_row_is_read_with_days_and_yen_as_offices_write_them(encoding):
    found = read(BRIDGE, encoding=encoding)

    assert found.is_clean
    assert found.rows[0].values == {
        "file": "がけ橋.pdf",
        "concluded_date": date(2021, 7, 1),
        "party": "株式会社髙﨑建設",
        "amount": 11_000_000,
        "title": "がけ橋補修工事",
        "kind": "construction",
        "number": "第12号",
        "completed_date": date(2022, 3, 25),
    }
    assert (found.encoding == CP932) is (encoding == "cp932")


def test_the_number_and_the_completion_may_be_left_out():
    short = HEADING.removesuffix(",契約番号,履行完了日")

    assert read(BRIDGE.removesuffix(",第12号,R4.3.25"), heading=short).is_clean
    assert read(BRIDGE.replace("第12号,R4.3.25", ",")).is_clean


def test_a_name_that_was_taken_apart_on_the_way_is_the_same_name():
    assert read(BRIDGE, files=[unicodedata.normalize("NFD", "がけ橋.pdf")]).is_clean


def test_a_row_without_its_file_and_a_file_without_its_row_are_both_told():
    found = read(BRIDGE, files=["別の橋.pdf"])

    assert found.unlisted == ("別の橋.pdf",)
    assert found.rows[0].problems == [["ファイル名", "「がけ橋.pdf」というファイルが、いっしょに届いていません。"]]
    assert not found.is_clean


def test_a_file_that_no_row_names_is_enough_to_stop():
    assert not read(BRIDGE, files=["がけ橋.pdf", "別の橋.pdf"]).is_clean


def test_one_file_in_two_rows_is_told_at_both():
    assert [label for label, why in problems(BRIDGE, BRIDGE) if "2行にあります" in why] == ["ファイル名"] * 2


@pytest.mark.parametrize(
    ("old", "new", "label", "why"),
    [
        ("がけ橋.pdf", "../がけ橋.pdf", "ファイル名", "フォルダーの名を付けず"),
        ("がけ橋.pdf", "がけ橋.docx", "ファイル名", "「.pdf」まで"),
        ("令和3年7月1日", "令和8年11月23日", "契約日", "まだ来ていません"),
        ("R4.3.25", "R8.11.23", "履行完了日", "まだ来ていません"),
        ("R4.3.25", "R3.6.30", "履行完了日", "契約日（令和3年7月1日）より前です"),
        ("建設工事", "造船", "区分", "建設工事、建設維持関連業務のいずれか"),
        ("株式会社髙﨑建設", "=HYPERLINK(1)", "取引先", "計算式"),
    ],
)
def test_what_cannot_be_taken_in_is_told_at_its_cell(old, new, label, why):
    found = problems(BRIDGE.replace(old, new, 1))

    assert any(told == label and why in said for told, said in found), found


def test_today_is_a_day_on_which_a_contract_may_have_been_concluded():
    assert read(BRIDGE.replace("令和3年7月1日", "令和8年11月22日").replace("R4.3.25", "")).is_clean


def test_an_index_longer_than_one_package_is_refused():
    rows = [BRIDGE.replace("がけ橋.pdf", f"{n}.pdf", 1) for n in range(index.MOST_LISTED + 1)]

    with pytest.raises(TableRefused, match="2,000件まで"):
        read(*rows)
