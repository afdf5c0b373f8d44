"""お知らせの六つの項目を、組み方と作った道具によらずに読む（R88、R89）。"""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guarantees.facts import NoticeFacts
from guarantees.reading import Kind, extraction, papers, read
from guarantees.reading.labels import label_of
from tests.guarantees.papers import notices, strokes
from tests.guarantees.papers.written import LONG_TITLE, NOTICE
from tests.signing.producers import weasyprint_made

from .alike import differences

LONG = replace(NOTICE, type="interim_advance", work_title=LONG_TITLE, orderer="鳥栖市上下水道事業管理者")


@pytest.mark.parametrize("facts", [NOTICE, LONG], ids=["短い工事名", "行に分かれる工事名"])
@pytest.mark.parametrize("layout", notices.LAYOUTS)
def test_every_field_is_read_in_each_layout(layout: str, facts: NoticeFacts):
    reading = read(notices.LAYOUTS[layout](facts))

    assert (reading.kind, differences(reading.notice, facts), reading.missing, reading.why) == (Kind.NOTICE, {}, (), "")


def table(**values: str) -> bytes:
    """Draw a notice of which some values are written otherwise; an empty one is left out."""
    rows = notices.rows(NOTICE) | values
    cells = "".join(f"<tr><th>{name}<td>{value}" for name, value in rows.items() if value)
    style = "table{border-collapse:collapse}td,th{border:1px solid}"
    return weasyprint_made(notices.page(style, f"<h2>{notices.HEADING}</h2><table>{cells}</table>"))


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("前払金保証", "advance"),
        ("前払", "advance"),
        ("公共工事前金払保証", "advance"),
        ("前払金保証（変更）", "advance"),
        ("中間前払金保証", "interim_advance"),
        ("中間前払", "interim_advance"),
        ("契約", "contract"),
        ("契約保証（履行保証）", "contract"),
        ("■契約保証　□前払金保証　□中間前払金保証", "contract"),
        ("□契約保証　□前払金保証　☑中間前払金保証", "interim_advance"),
        ("契約保証予約", None),
        ("契約保証予約（入札ボンド）", None),
        ("その他", None),
    ],
)
def test_the_type_is_told_from_its_many_names(written: str, type_: str | None):
    assert papers.type_of(written) == type_


def test_what_cannot_be_a_number_or_a_key_is_missing_and_named():
    reading = read(table(保証契約番号="後日通知", 認証キー="", 工事名="（第１工区）市道改良工事"))

    assert reading.kind is Kind.NOTICE
    assert reading.missing == ("保証契約番号", "認証キー")
    assert reading.why.startswith("「保証契約番号」「認証キー」を読み取れませんでした。")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ＡＢ１２－ＣＤ３４", "AB12-CD34"),
        ("AB12 CD34 EF56", "AB12CD34EF56"),
        ("AbCdEf12（大文字・小文字を区別します）", "AbCdEf12"),
        ("「AbCdEf12」", "AbCdEf12"),
        ("…… AbCdEf12", "AbCdEf12"),
    ],
)
def test_a_key_is_read_as_it_will_be_typed(written: str, key: str):
    assert papers.notice(sheet(table(認証キー=written))).key == key


def sheet(pdf: bytes) -> papers.Sheet:
    return papers.Sheet(extraction.pages(pdf)[0])


def test_two_numbers_are_not_chosen_between():
    again = "<p>保証契約番号：2070004999</p>"
    twice = weasyprint_made(notices.page("", f"<h2>{notices.HEADING}</h2><p>保証契約番号：2070004426</p>{again}"))

    assert papers.notice(sheet(twice)).number is None


def test_the_number_of_the_guarantee_goes_before_that_of_its_paper():
    assert papers.notice(sheet(table(証書番号="A-777777"))).number == "2070004426"
    assert papers.notice(sheet(table(保証契約番号="", 証書番号="第A-777777号"))).number == "A-777777"


def test_words_of_the_labels_in_running_text_are_no_labels():
    prose = "「保証契約番号」と「認証キー」は秘密です。発注者は9999999999を、工事名とともに確認します。"
    reading = papers.notice(sheet(weasyprint_made(notices.page("", f"<p>{notices.HEADING}</p><p>{prose}</p>"))))

    assert (reading.number, reading.key, reading.work_title, reading.orderer) == (None, None, None, None)


def test_radicals_that_a_producer_writes_for_ideographs_are_mended():
    reading = papers.notice(sheet(table(工事名="⻑崎・⻄線⼯事", 発注者="⻑崎市⻑")))

    assert (reading.work_title, reading.orderer) == ("長崎・西線工事", "長崎市長")


def test_bold_letters_drawn_twice_are_read_once():
    page = strokes.Sheet()
    page.write(70, 780, notices.HEADING, 14)
    page.write(70, 700, "認証キー　　AABB1122")
    for index, char in enumerate("AABB1122"):
        page.write(136.4 + 5.5 * index, 700, char)

    assert papers.notice(sheet(page.pdf())).key == "AABB1122"


def test_a_watermark_across_the_page_is_not_read():
    page = strokes.Sheet()
    page.write(70, 780, notices.HEADING, 14)
    page.write(70, 700, "工事名　　市道改良工事")
    page.strokes.append(b"q 0.7 0.7 -0.7 0.7 0 0 cm")
    page.write(620, 395, "複写", 40)
    page.strokes.append(b"Q")

    assert papers.notice(sheet(page.pdf())).work_title == "市道改良工事"


def test_labels_broken_in_two_without_rules_are_put_together():
    page = strokes.Sheet()
    page.write(70, 780, notices.HEADING, 14)
    for y, name, rest, value in ((700, "保証契約", "番号", "2070004426"), (650, "認　証", "キ　ー", "AABB1122")):
        page.write(70, y, name)
        page.write(70, y - 14, rest)
        page.write(180, y - 7, value)

    found = papers.notice(sheet(page.pdf()))
    assert (found.number, found.key) == ("2070004426", "AABB1122")


LETTERS = "市道第１２３号線工区改良舗装橋梁補修（その）・ー－〇々ヶ発注者区分工期認証キーABCxyz0123"
TITLES = st.text(LETTERS, max_size=90).map(lambda rest: f"市道{rest}")


@settings(max_examples=30, deadline=None)
@given(title=TITLES)
def test_any_title_of_works_that_is_no_label_itself_comes_back_whole(title: str):
    assume(not any(label_of(title[at : at + 26]) for at in range(0, len(title), 26)))

    read_back = papers.notice(sheet(notices.typewritten(replace(NOTICE, work_title=title))))

    assert differences(read_back, replace(NOTICE, work_title=title)) == {}
