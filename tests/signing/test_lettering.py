"""The words of a page stand over its picture, however the page is turned, and in the order in which they are read."""

import io
import json

import pikepdf
import pytest
from weasyprint import HTML

from signing import confined, leaves, pages
from signing.lettering import Words
from signing.pages import PageMissing
from tests import factories

TWO = """<style>@page { size: A4; margin: 20mm } body { margin: 0 }
p { margin: 0; font: 12pt/2 "Noto Sans CJK JP" } span { margin-left: 5em }
h2 { break-before: page; font-size: 12pt; margin: 0 }</style>
<p>工事請負契約書</p><p>工期<span>令和8年4月1日から</span></p><h2>第二条</h2>"""
UPRIGHT = """<style>@page { size: A4; margin: 20mm } body { margin: 0 }
svg { width: 100mm; height: 100mm; font: 12px "Noto Sans CJK JP" }</style><svg viewBox="0 0 100 100">%s</svg>"""
MILLIMETRE = 72 / 25.4


@pytest.fixture(scope="module")
def paper() -> bytes:
    return made(TWO)


def made(html: str) -> bytes:
    content: bytes = HTML(string=html).write_pdf()
    return content


def turned(pdf: bytes, degrees: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        file.pages[0].rotate(degrees, relative=True)
        file.save(out)
    return out.getvalue()


def words_of(pdf: bytes) -> tuple[Words, ...]:
    return leaves.read(pdf, first=1, most=1).sheets[0].words


def test_each_line_stands_where_it_is_seen_and_cells_stand_apart(paper):
    title, term, value = words_of(paper)

    assert [each.text for each in (title, term, value)] == ["工事請負契約書", "工期", "令和8年4月1日から"]
    assert title.x == pytest.approx(20 * MILLIMETRE, abs=1)
    assert 20 * MILLIMETRE < title.y < term.y == value.y
    assert title.length == pytest.approx(7 * 12, abs=2)
    assert value.x - (term.x + term.length) == pytest.approx(5 * 12, abs=2)


def test_the_pages_from_one_on_are_read_and_all_are_counted(paper):
    found = leaves.read(paper, first=2, most=10)

    assert (found.count, [sheet.text for sheet in found.sheets]) == (2, ["第二条"])
    assert leaves.read(paper, first=3, most=10).sheets == ()


def test_on_a_turned_page_the_words_run_as_they_are_seen(paper):
    plain, on_its_side = words_of(paper)[0], words_of(turned(paper, 90))[0]

    assert (plain.angle, on_its_side.angle) == (0, 90)
    sheet = leaves.read(turned(paper, 90), first=1, most=1).sheets[0]
    assert sheet.across > sheet.down
    assert on_its_side.x > sheet.across / 2  # 右に回した頁の頭は、右の端


def test_upright_columns_are_read_from_the_right():
    columns = [(20, "左の行です"), (60, "右の行です")]
    letters = "".join(
        f'<text x="{x}" y="{12 + 12 * row}">{char}</text>' for x, line in columns for row, char in enumerate(line)
    )

    found = words_of(made(UPRIGHT % letters))

    assert [(each.text, each.angle) for each in found] == [("右の行です", 90), ("左の行です", 90)]


def test_a_page_without_words_still_has_its_size():
    (sheet,) = leaves.read(factories.pdf(), first=1, most=1).sheets

    assert (sheet.across, sheet.down, sheet.text) == (595, 842, "")


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7 nonsense"])
def test_what_cannot_be_opened_is_missing(junk):
    with pytest.raises(PageMissing):
        leaves.read(junk, first=1, most=1)


def test_the_server_opens_nothing_itself_and_lets_two_children_run_at_most(monkeypatch, paper):
    rooms = []

    def ask(_program, room, *, seconds):
        free = leaves._turns._value
        rooms.append((free, json.loads((room / "wanted.json").read_text())))
        return {"count": 2, "sheets": []}

    monkeypatch.setattr(confined, "ask", ask)
    monkeypatch.setattr(pages, "opened", None)

    leaves.read(paper, first=1, most=10)

    assert rooms == [(1, {"first": 1, "most": 10})]
