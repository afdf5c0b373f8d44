"""The presets say what the two guides say, word for word where the guides are quoted."""

import json

import pytest

from contracts import presets, rules


def test_both_guides_and_three_other_cities_are_there():
    assert presets.available() == ("matsuyama", "miyakonojo", "shimanto", "tosu", "usuki")


@pytest.mark.parametrize("slug", presets.available())
def test_a_preset_is_valid_and_survives_json(slug):
    loaded = presets.load(slug)

    again = json.loads(json.dumps(loaded, ensure_ascii=False))

    rules.validate(again)
    assert again == loaded
    assert loaded["source"].endswith("による。")


@pytest.mark.parametrize("slug", ["", "tokyo", "../rules/schema", "tosu.toml", "__init__"])
def test_an_unknown_preset_is_refused(slug):
    with pytest.raises(LookupError, match="ひな型はありません"):
        presets.load(slug)


def test_the_consent_form_of_tosu_is_quoted_exactly():
    consent = presets.load("tosu")["consent"]

    assert (consent["form"], consent["title"]) == ("様式第1号", "電子契約利用承諾書")
    assert consent["statement"] == "鳥栖市との次の案件の契約締結にあたり、電子契約サービスの利用に同意します。"
    assert consent["notes"] == [
        "本書は電子メールにて提出してください。（押印不要）",
        "案件名は契約する工事（業務）名等を記載してください。",
        "鳥栖市の競争入札参加資格の登録業者は、登録先の商号又は名称（委任先の支店名等を含む。）、代表者（受任者を含む。）の役職名及び氏名及びメールアドレスを記載してください。",
        "紙による契約書で契約を締結した場合は、本承諾書は無効になります。",
    ]


def test_tosu_takes_notices_by_mail_or_upload_from_its_first_of_march():
    tosu = presets.load("tosu")

    assert tosu["effective_date"] == "2026-03-01"
    assert tosu["guarantee"]["channels"] == ["email", "upload"]
    assert [condition["date"] for condition in tosu["guarantee"]["conditions"]] == ["2026-03-01"]


def test_usuki_asks_to_bring_the_papers_with_the_contract_on_its_clauses():
    guarantee = presets.load("usuki")["guarantee"]

    assert guarantee["channels"] == ["bring"]
    assert guarantee["clause_set"]["name"] == "臼杵市公共工事請負契約約款(令和7年4月1日改正)"
    assert guarantee["contact"]["department"] == "契約検査課"


@pytest.mark.parametrize("slug", presets.available())
def test_no_character_misread_from_the_slides_is_left(slug):
    assert not any(misread in json.dumps(presets.load(slug), ensure_ascii=False) for misread in ("白杵", "開覧"))
