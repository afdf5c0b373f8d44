"""The contractor's rule card (R119): the rules of a city in eight lines, for every kind of city."""

import pytest

from contracts import presets, rules


def card(slug, change=None):
    loaded = presets.load(slug)
    if change:
        change(loaded)
    return {line.key: line.text for line in rules.card(loaded)}


def test_the_card_of_tosu():
    assert card("tosu") == {
        "eligibility": "公告（現場説明など）の日が令和8年3月1日以降の建設工事、測量・建設コンサルタント等業務、"
        "建設維持関連業務（随意契約、4月1日履行開始分を除く。）が対象です。",
        "guarantee": "入札公告の日が令和8年3月1日以降の建設工事、測量・建設コンサルタント等業務が対象です。"
        "保証は、契約保証・前払金保証・中間前払金保証です。契約保証予約（入札ボンド）は電子保証の対象外です。",
        "deadline": "落札日の翌日から5日以内に、双方の署名を終えます。期限を過ぎると署名できません。",
        "consent": "様式第1号「電子契約利用承諾書」を案件ごとに案件の担当課へ提出します。",
        "signing": "受注者 → 発注者（共同企業体は、構成員 → 代表構成員 → 発注者）。"
        "受注者は、メールのリンクで署名します。",
        "routing": "契約保証は契約検査課、前払金保証・中間前払金保証は案件の担当課へ提出します"
        "（電子メール・画面から登録）。",
        "papers": "契約保証・前払金保証・中間前払金保証：電子証書閲覧用「認証キー」等のお知らせ。",
        "clauses": "建設工事は「工事請負契約約款」、測量・建設コンサルタント等業務・建設維持関連業務・その他は"
        "「業務委託契約約款」によります。",
    }


def test_the_card_of_a_city_without_electronic_contracts():
    usuki = card("usuki")

    assert usuki["eligibility"].startswith("手引に電子契約の定めがないため、対象外です。")
    assert {usuki["deadline"], usuki["signing"]} == {"契約は紙の契約書で締結します。"}
    assert usuki["routing"] == "契約保証・前払金保証・中間前払金保証は契約検査課へ提出します（持参）。"
    assert "と保証証書（電子証書の内容を確認する画面を印刷したもの）。" in usuki["papers"]
    assert "「臼杵市公共工事請負契約約款(令和7年4月1日改正)」又はその後の最新版" in usuki["clauses"]


@pytest.mark.parametrize(
    ("slug", "says"),
    [
        ("miyakonojo", "落札日から起算して7日以内に、双方の署名を終えます。期限を過ぎても、3日のうちは署名できます。"),
        (
            "matsuyama",
            "落札日の翌日から7日以内（閉庁日を除く。）に、双方の署名を終えます。"
            "期限を過ぎたときは、市が理由を記録したときに限り署名できます。",
        ),
        ("shimanto", "落札日の翌日から10日以内に、双方の署名を終えます。期限を過ぎると署名できません。"),
    ],
)
def test_each_way_of_counting_is_said(slug, says):
    assert card(slug)["deadline"] == says


def test_what_is_excluded_is_said():
    def exclude(loaded):
        loaded["econtract"] |= {"council": "excluded", "minimum_amount": 1_300_000}

    assert (
        "（1,300,000円未満のもの、10年を超えるもの、議会の議決に付すべきもの、法令で"
        in card("matsuyama", exclude)["eligibility"]
    )


def test_a_city_that_rolls_over_says_so():
    assert (
        "次の開庁日までです" in card("tosu", lambda loaded: loaded["deadline"].update(rollover="next_open"))["deadline"]
    )


def test_a_city_without_anything_electronic_still_has_a_card():
    def close(loaded):
        loaded["guarantee"] = {"offered": False, "reason": "準備中です。"}
        del loaded["contract"]

    closed = card("usuki", close)

    assert {closed[key] for key in ("guarantee", "routing", "papers")} == {"準備中です。"}
    assert closed["clauses"] == "約款の定めはありません。"
