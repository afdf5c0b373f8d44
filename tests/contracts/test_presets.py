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


def test_tosu_excludes_negotiated_contracts_and_works_from_the_first_of_april_only():
    econtract = presets.load("tosu")["econtract"]

    assert econtract["kinds"] == ["construction", "survey_consulting", "maintenance"]
    assert econtract["excluded_methods"] == ["negotiated"]
    assert econtract["excluded_work_starts"] == ["04-01"]
    assert not {"exclusions", "longest_years", "minimum_amount"} & set(econtract)


def test_the_guide_of_tosu_has_its_five_chapters_and_the_four_steps_of_the_guarantee():
    guide = rules.text(presets.load("tosu"), "guide")

    assert [chapter["title"] for chapter in guide if chapter["subject"] == "econtract"] == [
        "電子契約とは",
        "契約締結の流れ（1）準備",
        "契約締結の流れ（2）締結",
        "電子署名の確認方法",
        "ヘルプセンター・お問い合わせ",
    ]
    assert [chapter["title"][:6] for chapter in guide if chapter["title"].startswith("STEP")] == [
        "STEP 1",
        "STEP 2",
        "STEP 3",
        "STEP 4",
    ]


def test_the_merits_and_the_comparison_are_those_of_the_guide():
    tosu = presets.load("tosu")

    merits = [
        merit["title"]
        for merit in rules.text(tosu, "merits")
        if (merit["subject"], merit.get("whose")) == ("econtract", None)
    ]
    assert merits == ["締結コストを削減", "締結手続きの高速化", "ガバナンス（内部統制）強化"]
    assert [tuple(row.values()) for row in rules.text(tosu, "comparison")] == [
        ("形式", "紙の書面", "電子データ（PDF）"),
        ("押印", "印鑑", "電子署名"),
        ("送付", "送付・持参", "インターネット"),
        ("保管", "書棚", "サーバー"),
        ("印紙", "必要", "不要"),
        ("証拠力", "あり", "あり"),
    ]


def test_the_questions_of_both_guides_are_all_there():
    asked = {
        slug: [each["question"] for each in rules.text(presets.load(slug), "faq") if each["subject"] == "guarantee"]
        for slug in ("tosu", "usuki")
    }

    assert asked["tosu"] == [
        "電子保証の対象となる保証証書を教えてください。",
        "電子保証を利用するにはどのような手続きが必要ですか。",
        "e-Net保証のID登録にはどのような手続きが必要ですか。",
        "請負契約手続きが電子契約ではなく紙での請負契約であっても、電子保証は利用可能ですか。",
        "鳥栖市における電子保証の対象案件を教えてください。",
        "鳥栖市における認証キーの提出方法を教えてください。",
        "その他の不明な点は、どこに問い合わせればよいですか。",
    ]
    assert asked["usuki"] == [
        "電子保証を利用するにはどのような手続きが必要ですか。",
        "全ての保証証書が電子保証の対象となりますか。",
        "臼杵市における電子保証の対象案件を教えてください。",
        "臼杵市における認証キー・電子証書の提出方法を教えてください。",
        "保証証書以外の書類も電子化されますか。",
    ]


def test_the_help_and_the_links_of_the_guide_are_there():
    tosu = presets.load("tosu")

    assert [(desk["name"], desk["phone"]) for desk in rules.text(tosu, "help")] == [
        ("電子印鑑GMOサイン 運営事務局", "03-6415-7444"),
        ("西日本建設業保証株式会社 佐賀支店", "0952-22-0335"),
    ]
    titles = " ".join(link["title"] for link in rules.text(tosu, "links"))
    assert all(
        name in titles
        for name in (
            "電子帳簿等保存制度特設サイト",
            "電子署名が利用可能な文書例",
            "e-Net保証",
            "D-Sure",
            "Acrobat Reader",
        )
    )


def test_usuki_says_what_it_calls_a_certificate():
    (entry,) = rules.text(presets.load("usuki"), "glossary")

    assert entry == {"word": "保証証書", "meaning": "電子証書の内容を確認する画面を印刷したものをいいます。"}


@pytest.mark.parametrize(
    ("slug", "counts", "rule"),
    [
        ("miyakonojo", ("inclusive", "calendar", 7, "tolerate"), "落札決定の日から起算して7日以内に契約を締結する。"),
        (
            "matsuyama",
            ("next_day", "business", 7, "warn"),
            "7日以内（土曜日、日曜日及び祝日を除く。）に契約書類を提出する。",
        ),
        ("shimanto", ("next_day", "calendar", 10, "block"), "落札決定の後10日以内に契約を締結する。"),
    ],
)
def test_three_cities_count_otherwise(slug, counts, rule):
    period = presets.load(slug)["deadline"]

    assert (period["count_from"], period["unit"], period["days"], period["late_policy"]) == counts
    assert period["rule"] == rule


def test_what_is_loaded_may_be_changed_without_changing_the_preset():
    presets.load("tosu")["contract"]["clause_sets"][0]["articles"].clear()

    assert len(presets.load("tosu")["contract"]["clause_sets"][0]["articles"]) == 36


@pytest.mark.parametrize("slug", presets.available())
def test_no_character_misread_from_the_slides_is_left(slug):
    assert not any(misread in json.dumps(presets.load(slug), ensure_ascii=False) for misread in ("白杵", "開覧"))
