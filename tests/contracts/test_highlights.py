"""Hits are marked in names as they are written, wherever folding finds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.folding import search_key
from contracts.highlights import pieces


def shown(text: str, *words: str) -> str:
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces(text, words))


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("市道元町線道路改良工事", "道路", "市道元町線[道路]改良工事"),
        ("㈱髙﨑𠮷建設", "高崎吉", "㈱[髙﨑𠮷]建設"),
        ("ｱﾋﾞｺ電設(有)", "あびこ", "[ｱﾋﾞｺ]電設(有)"),
        ("ＮＴＴ西日本", "ntt", "[ＮＴＴ]西日本"),
        ("松尾（株）佐賀支店", "松尾佐賀", "[松尾（株）佐賀]支店"),
        ("有限会社松尾", "松尾", "有限会社[松尾]"),
        ("給食ｾﾝﾀｰ改築", "センター", "給食[ｾﾝﾀ]ｰ改築"),
        ("橋梁・橋りょう", "橋", "[橋]梁・[橋]りょう"),
        ("渡邉󠄐組", "渡辺組", "[渡邉󠄐組]"),
        ("第３工区（１号線）", "3工区1", "第[３工区（１]号線）"),
        ("ｶﾞｰﾄﾞ設置", "ガード", "[ｶﾞｰﾄﾞ]設置"),
        ("道路", "橋", "道路"),
        ("道路", "・", "道路"),
        ("<b>道路</b>", "道路", "<b>[道路]</b>"),
    ],
)
def test_a_hit_is_marked_as_it_is_written(text, word, marked):
    assert shown(text, word) == marked


def test_hits_that_touch_are_one():
    assert shown("橋梁補修工事", "橋梁", "梁補", "工事") == "[橋梁補]修[工事]"


LETTERS = st.text(alphabet="㈱(株)（有）髙高﨑崎𠮷ｱﾋﾞァがガーＮn　・-〇○会社式限合同橋", max_size=12)


@given(LETTERS, LETTERS)
def test_the_pieces_are_the_text_and_each_hit_reads_as_the_word(text, word):
    cut = pieces(text, [word])

    assert "".join(piece.text for piece in cut) == text
    hits = [piece for piece in cut if piece.is_hit]
    if search_key(text) == search_key(word) != "":
        assert hits
    if hits:
        assert search_key(word)
