"""Names are found under every spelling people use, and kept exactly as they were written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import folding
from contracts.folding import search_key


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("㈱髙﨑建設", "株式会社高崎建設"),
        ("髙橋組", "高橋組"),
        ("山﨑土木", "山崎土木"),
        ("山嵜土木", "山碕土木"),
        ("渡邉工務店", "渡辺工務店"),
        ("渡邊工務店", "渡邉工務店"),
        ("𠮷野組", "吉野組"),
        ("齋藤測量", "斉藤測量"),
        ("澤田", "沢田"),
        ("渡邉\U000e0103工務店", "渡辺工務店"),
        ("葛\U000e0100城建設", "葛城建設"),
        ("神\ufe00社", "神社"),
        ("㍿むすび", "むすび(株)"),
        ("（株）むすび", "むすび 株式会社"),
        ("㈲有田", "有限会社有田"),
        ("一般社団法人道の会", "(一社)道の会"),
        ("ｶﾌﾞｼｷｶﾞｲｼｬ ｱﾋﾞｺ設備", "アビコ設備"),
        ("ｱﾋﾞｺ", "あびこ"),
        ("アビコ", "ア\u3073コ"),
        ("ＮＴＴデータ", "NTTデータ"),
        ("ntt", "NTT"),
        ("サーバー更新", "サーバ更新"),
        ("サ－バ―更新", "サーバー更新"),
        ("第1‐2号線", "第１−２号線"),
        ("鳥栖　駅前", "鳥栖駅前"),
        ("霞ヶ丘", "霞ケ丘"),
        ("キャッスル", "キヤツスル"),
        ("①工区", "1工区"),
        ("か\u3099", "が"),
        ("○○建設", "〇〇建設"),
        ("◯◯建設", "〇〇建設"),
        ("㈱○○工務店", "株式会社◯〇工務店"),
    ],
)
def test_spellings_of_one_name_share_a_key(stored, typed):
    assert search_key(stored) == search_key(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("高崎建設", "高橋建設"),
        ("第1工区", "第2工区"),
        ("はし", "ばし"),
        ("西日本建設", "東日本建設"),
        ("株式", "会社"),
        ("○○建設", "建設"),
    ],
)
def test_different_names_stay_different(one, other):
    assert search_key(one) != search_key(other)


def test_a_part_of_a_name_is_a_part_of_its_key():
    assert search_key("高崎") in search_key("株式会社 髙﨑建設")


@pytest.mark.parametrize("form", ["株式会社", "㈱", "(有)"])
def test_a_legal_form_alone_is_not_an_empty_question(form):
    assert search_key(form)


@pytest.mark.parametrize("nothing", ["", "  ", "ー", "・", "\u200b"])
def test_text_without_words_has_no_key(nothing):
    assert search_key(nothing) == ""


def test_no_variant_leads_to_another():
    assert not {chr(code) for code in folding.VARIANTS} & set(folding.VARIANTS.values())


KANJI_AND_FORMS = st.text(alphabet="株式会社有限(㈱)（㍿ 髙﨑ァャーﾞﾊ゙ぱ一財団法人̀가İßſ")


@settings(deadline=None)
@given(st.one_of(st.text(), KANJI_AND_FORMS))
def test_folding_twice_changes_nothing(text):
    key = search_key(text)

    assert search_key(key) == key


@settings(deadline=None)
@given(st.one_of(st.text(), KANJI_AND_FORMS))
def test_width_and_space_around_do_not_matter(text):
    assert search_key(f"　{text} ") == search_key(text)


@pytest.mark.parametrize("name", ["髙﨑 𠮷郎", "渡邉\U000e0103", "㈱むすび", "O’Brien & Söhne", "ﾑｽﾋﾞ", "葛\U000e0100"])
def test_a_name_is_kept_to_the_last_code_point(name):
    assert folding.check_name(name) == name
    assert folding.is_plain_name(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("山田\n太郎", "3文字目に、名前には使えない制御文字（U\\+000A）"),
        ("\x00山田", "1文字目に、名前には使えない制御文字（U\\+0000）"),
        ("山田\u202e郎太", "3文字目に、名前には使えない文字の向きを変える文字（U\\+202E）"),
        ("\u061c山田", "1文字目に、名前には使えない文字の向きを変える文字（U\\+061C）"),
        ("山田\u200f", "3文字目に、名前には使えない文字の向きを変える文字（U\\+200F）"),
        ("山田太郎\u2069", "5文字目に、名前には使えない文字の向きを変える文字（U\\+2069）"),
        ("山田\t太郎", "3文字目に、名前には使えない制御文字（U\\+0009）"),
        ("山田\x7f", "3文字目に、名前には使えない制御文字（U\\+007F）"),
        ("山田\x85", "3文字目に、名前には使えない制御文字（U\\+0085）"),
        ("𠮷\u200d野", "2文字目に、名前には使えない目に見えない文字（U\\+200D）"),
        ("\ufeff山田", "1文字目に、名前には使えない目に見えない文字（U\\+FEFF）"),
        ("山田\U000e0041", "3文字目に、名前には使えない目に見えない文字（U\\+E0041）"),
        ("山\u2066田", "2文字目に、名前には使えない文字の向きを変える文字（U\\+2066）"),
        ("山田\u200b", "3文字目に、名前には使えない目に見えない文字（U\\+200B）"),
        ("山田\u2028", "3文字目に、名前には使えない改行の文字"),
        ("\ud83d", "1文字目に、名前には使えない壊れた文字"),
    ],
)
def test_a_character_that_deceives_the_eye_is_refused_with_its_place(name, reason):
    assert not folding.is_plain_name(name)
    with pytest.raises(ValueError, match=reason):
        folding.check_name(name)


@given(st.text(alphabet="山田𠮷\U000e0102㈱ ", max_size=8), st.sampled_from("\x00\n\u202e\u2067\u200b\u2028\ud800"))
def test_the_first_refused_character_is_counted_as_a_person_counts(before, refused):
    with pytest.raises(ValueError, match=f"^{len(before) + 1}文字目に"):
        folding.check_name(f"{before}{refused}{refused}")
