"""Readings are kept in one form, whichever kana they are typed in."""

import pytest

from accounts.kana import check_reading


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("たかさき　いちろう", "タカサキ　イチロウ"),
        ("ﾀｶｻｷ ｹﾝｾﾂ", "タカサキ　ケンセツ"),
        (" ゔぁーる・すゞき ", "ヴァール・スヾキ"),
        ("", ""),
    ],
)
def test_kana_of_any_sort_is_kept_as_full_width_katakana(typed, kept):
    assert check_reading(typed) == kept


@pytest.mark.parametrize("typed", ["髙﨑", "Takasaki", "タカサキ（株）", "タカサキ\u202e"])
def test_what_is_not_kana_is_no_reading(typed):
    with pytest.raises(ValueError, match="カタカナかひらがな"):
        check_reading(typed)
