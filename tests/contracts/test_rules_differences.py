"""Two versions of the rules side by side, in the words a person reads; clauses article by article."""

import copy

import pytest

from contracts import presets, rules
from contracts.rules import Change


def changed(change):
    before = presets.load("tosu")
    after = copy.deepcopy(before)
    change(after)
    return rules.differences(before, after)


@pytest.mark.parametrize("slug", presets.available())
def test_a_version_does_not_differ_from_itself(slug):
    assert rules.differences(presets.load(slug), presets.load(slug)) == ()


@pytest.mark.parametrize(
    ("change", "label", "before", "after"),
    [
        (lambda r: r["deadline"].update(days=7), "契約締結期限 › 日数", "5", "7"),
        (
            lambda r: r["deadline"].update(unit="business"),
            "契約締結期限 › 数え方",
            "暦日で数える",
            "閉庁日を除いて数える",
        ),
        (
            lambda r: r["econtract"]["kinds"].remove("maintenance"),
            "電子契約の対象 › 適用案件",
            "建設工事、測量・建設コンサルタント等業務、建設維持関連業務",
            "建設工事、測量・建設コンサルタント等業務",
        ),
        (
            lambda r: r["econtract"]["conditions"][0].update(date="2026-04-01"),
            "電子契約の対象 › 適用時期 › 公告日 以降 › 日付",
            "令和8年3月1日",
            "令和8年4月1日",
        ),
        (
            lambda r: r["econtract"].update(minimum_amount=1_300_000),
            "電子契約の対象 › 金額の下限（円）",
            "",
            "1,300,000",
        ),
        (
            lambda r: r["deadline"].update(local_closed_days=["08-14", "2026-08-15"]),
            "契約締結期限 › 自治体独自の閉庁日",
            "",
            "毎年8月14日、令和8年8月15日",
        ),
        (lambda r: r["kinds"].update(goods="物品"), "工種・業務区分の呼び名 › goods", "", "物品"),
        (
            lambda r: r["guarantee"]["routing"].update(advance="契約検査課"),
            "電子保証 › 提出先 › 前払金保証",
            "案件の担当課",
            "契約検査課",
        ),
        (
            lambda r: r["contract"]["percents"]["maintenance"].update(advance_percent=30),
            "契約書に印字する条件 › 案件ごとに違う割合 › 建設維持関連業務 › 前払金の割合（％）",
            "0",
            "30",
        ),
        (
            lambda r: r["consent"]["notes"].pop(),
            "電子契約利用承諾書 › 備考",
            "\n".join(presets.load("tosu")["consent"]["notes"]),
            "\n".join(presets.load("tosu")["consent"]["notes"][:-1]),
        ),
    ],
)
def test_a_change_is_said_in_the_words_of_the_schema(change, label, before, after):
    (found,) = changed(change)

    assert (found.label, found.before, found.after) == (label, before, after)


def test_one_article_changes_alone():
    def revise(loaded):
        loaded["contract"]["clause_sets"][0]["articles"][5]["paragraphs"][1] = (
            "保証の額は、請負代金額の10分の３以上とする。"
        )

    (found,) = changed(revise)

    assert found.path == "contract.clause_sets[0].articles[5].paragraphs"
    assert found.label == "契約書に印字する条件 › 約款 › 工事請負契約約款 › 条文 › （契約の保証） › 項"
    assert "10分の１以上" in found.before
    assert "10分の３以上" in found.after


def test_an_inserted_article_does_not_move_the_others():
    def insert(loaded):
        article = {"title": "（情報の取扱い）", "paragraphs": ["受注者は、個人情報を適切に取り扱う。"]}
        loaded["contract"]["clause_sets"][0]["articles"].insert(10, article)

    assert changed(insert) == (
        Change(
            path="contract.clause_sets[0].articles[10]",
            label="契約書に印字する条件 › 約款 › 工事請負契約約款 › 条文 › （情報の取扱い）",
            before="",
            after="見出し：（情報の取扱い）／項：受注者は、個人情報を適切に取り扱う。",
        ),
    )


def test_a_renamed_article_is_the_same_article():
    def rename(loaded):
        loaded["contract"]["clause_sets"][0]["articles"][0]["title"] = "（目的）"

    (found,) = changed(rename)

    assert (found.before, found.after) == ("（総則）", "（目的）")


def test_new_clauses_come_with_each_of_their_articles():
    def add(loaded):
        revised = copy.deepcopy(loaded["contract"]["clause_sets"][0])
        loaded["contract"]["clause_sets"].append(revised | {"name": "改正約款", "effective_date": "2027-04-01"})

    first, *articles = changed(add)

    assert first.label == "契約書に印字する条件 › 約款 › 改正約款"
    assert first.after == "名称：改正約款／適用開始日：令和9年4月1日／使う案件：建設工事／電子保証を認める条項：はい"
    assert len(articles) == 36
    assert all(article.before == "" for article in articles)


def test_a_removed_article_is_shown_as_it_was():
    (found,) = changed(lambda loaded: loaded["contract"]["clause_sets"][0]["articles"].pop(8))

    assert found.label.endswith("（監督員）")
    assert (found.before[:9], found.after) == ("見出し：（監督員）"[:9], "")


def test_what_founds_a_city_is_no_rule():
    assert changed(lambda loaded: loaded.pop("city")) == ()


def test_nothing_and_an_empty_list_are_the_same():
    assert changed(lambda loaded: loaded["contract"].pop("special_terms")) == ()


def test_cities_are_compared_both_ways():
    tosu, usuki = presets.load("tosu"), presets.load("usuki")

    there, back = rules.differences(tosu, usuki), rules.differences(usuki, tosu)

    assert {(one.label, one.before, one.after) for one in there if "›" not in one.label} == {
        (one.label, one.after, one.before) for one in back if "›" not in one.label
    }
    assert next(one for one in there if one.label == "電子契約の対象 › 取扱い").after == "いいえ"
