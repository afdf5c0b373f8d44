"""Tables in files: encodings, headers and cells as offices send them, and what goes back out."""

import csv
import io

import pytest

from contracts import mailboxes, tables
from contracts.dates import parse_yen
from contracts.streams import cells
from contracts.tables import CP932, UTF8, Column, TableRefused

COLUMNS = (
    Column("name", "商号又は名称", tables.name(20)),
    Column("phone", "電話番号", tables.words(20), required=False, may_be_empty=True),
    Column("amount", "金額", parse_yen, required=False),
)


def read(text: str, encoding: str = "utf-8") -> tables.Table:
    return tables.read(text.encode(encoding), COLUMNS)


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", UTF8), ("utf-8-sig", UTF8), ("cp932", CP932)], ids=["plain", "with BOM", "CP932"]
)
def test_both_encodings_of_japanese_offices_are_recognised(encoding, told):
    table = read("商号又は名称,電話番号\r\n㈱髙﨑建設,0942-00-0000\r\n", encoding)

    assert table.encoding == told
    assert table.rows[0].values == {"name": "㈱髙﨑建設", "phone": "0942-00-0000"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x93\xfa\x96\xff\xff\x00\x80\xfe", "UTF-8 でも Shift_JIS（CP932）でもありません（1行目"),
        ("商号又は名称\n髙﨑".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04book", "表計算ソフトのブック"),
        ("商号又は名称\nあ\0い".encode(), "文字のファイルではありません"),
        (b"", "知っている見出しが一つもありません"),
        ("商号又は名称\nあ\n".encode("euc_jp"), "知っている見出しが一つもありません"),
        ("商号又は名称\n".encode(), "行が一つもありません"),
        ("商号又は名称\t電話番号\nあ\t1".encode(), "コンマで区切られていません"),
        ('商号又は名称\n"閉じない'.encode(), "2行目を CSV として読めません"),
        ("商号又は名称\n".encode() + b"a\n" * (tables.MOST_ROWS + 1), "行が多すぎます"),
        (b"x" * (tables.MOST_BYTES + 1), "ファイルが大きすぎます"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(content, said):
    with pytest.raises(TableRefused, match=said.replace("（", "（")):
        tables.read(content, COLUMNS)


def test_a_wrong_header_names_every_missing_doubled_and_unknown_column():
    with pytest.raises(TableRefused) as refused:
        read("電話番号,電話番号,郵便番号,\n1,2,3,4\n")

    assert refused.value.problems == (
        "見出しに足りない列があります: 商号又は名称。",
        "見出しに同じ列が二つ以上あります: 電話番号。",
        "見出しに知らない列があります: 郵便番号、（空の見出し）。",
    )


def test_columns_may_stand_in_any_order_and_headings_in_any_width():
    table = read("金額,　電話番号 ,商号又は名称\n１，２００円,1,あ\n")

    assert table.fields == ("amount", "phone", "name")
    assert table.rows[0].values == {"amount": 1200, "phone": "1", "name": "あ"}


def test_names_stay_exactly_as_written():
    name = "㈱髙﨑𠮷・葛󠄀城"

    assert read(f"商号又は名称\n{name}\n").rows[0].values["name"] == name


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("=HYPERLINK(1)", "「=」で始まる値は"),
        ("+1", "「+」で始まる値は"),
        ("-1", "「-」で始まる値は"),
        ("@SUM(1)", "「@」で始まる値は"),
        ("'=1", "「=」で始まる値は"),
        ("\tあ", "1文字目に、名前には使えない制御文字（U+0009）"),
        ("あ\u202eい", "2文字目に、名前には使えない文字の向きを変える文字（U+202E）"),
        ("あい\u200bう", "3文字目に、名前には使えない目に見えない文字（U+200B）"),
        ('"あ\nい"', "2文字目に、名前には使えない制御文字（U+000A）"),
        ("あ" * 21, "20文字以内"),
        ("", "空です"),
    ],
)
def test_a_bad_cell_is_refused_with_its_column_and_reason_and_the_next_row_is_read(cell, why):
    bad, good = read(f"電話番号,商号又は名称\n1,{cell}\n2,次\n").rows

    assert [label for label, _ in bad.problems] == ["商号又は名称"]
    assert why in bad.problems[0][1]
    assert good.values["name"] == "次"
    assert not good.problems


@pytest.mark.parametrize(
    ("typed", "why"),
    [("-100", "0円以上"), ("1" * 20, "桁数が多すぎます"), ("1.5", "整数"), ("多額", "金額として読めません")],
)
def test_a_bad_amount_is_refused(typed, why):
    assert why in read(f"商号又は名称,金額\nあ,{typed}\n").rows[0].problems[0][1]


def test_a_telephone_number_may_start_with_a_plus():
    assert read("商号又は名称,電話番号\nあ,+81-942-00-0000\n").rows[0].values["phone"] == "+81-942-00-0000"


def test_lines_are_those_of_the_file_even_after_empty_rows_and_cells_that_span_lines():
    rows = read('商号又は名称,電話番号\nあ,1\n,\n"い\nろ",2\nは,3,4\n').rows

    assert [row.line for row in rows] == [2, 4, 6]
    assert rows[2].problems == [["行全体", "セルが3個あります（見出しは2個）。「,」の過不足を確かめてください。"]]


def test_what_goes_out_is_no_formula_and_comes_back_the_same():
    written = tables.write(UTF8, COLUMNS, [("株式会社=1", "+81", "100"), ("=cmd|calc", "", "5")])

    found = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    assert written.startswith(b"\xef\xbb\xbf")
    assert found[1:] == [["株式会社=1", "'+81", "100"], ["'=cmd|calc", "", "5"]]
    assert tables.read(written, COLUMNS).rows[0].values == {"name": "株式会社=1", "phone": "+81", "amount": 100}


def test_what_cp932_lacks_is_listed_and_becomes_a_geta():
    assert cells.unwritable("㈱髙﨑𠮷𠮷・葛󠄀城") == "𠮷\U000e0100"
    assert "髙﨑〓" in tables.write(CP932, COLUMNS, [("髙﨑𠮷", "", "1")]).decode("cp932")


def test_addresses_that_deserve_a_second_look_are_hinted_at():
    assert "だれでも取れる" in mailboxes.hint("Firm@GMAIL.com")
    assert "何人かで読む" in mailboxes.hint("info@kensetsu.example.jp")
    assert mailboxes.hint("takasaki@kensetsu.example.jp") == ""
