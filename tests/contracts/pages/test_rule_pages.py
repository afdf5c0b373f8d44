"""The rules of a city on screen: read by all, drafted by its administrators, previewed, published."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import tenancy
from accounts.models import Department, Organization, OrganizationKind, Role
from contracts import presets
from contracts.dates import wareki
from contracts.models import RuleDraft, RuleSet
from contracts.rules import files
from contracts.services.rulesets import rulebooks
from tests import factories
from tests.contracts.test_rule_forms import sent
from tests.stories import written

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
TOSU = files.write(presets.load("tosu"))
NEXT_SPRING = TODAY.replace(year=TODAY.year + 1, month=4, day=1)


@pytest.fixture
def city(db):
    return factories.city()


@pytest.fixture
def admin(city, desk):
    return desk(city, Role.ADMINISTRATOR)


@pytest.fixture
def drafting(city, admin):
    """Sit at the administrator's desk with a draft begun."""
    admin.post(reverse("rule_draft_begin"))
    return admin


def page(where):
    return reverse("rule_draft_page", args=[where])


def draft_of(city):
    return RuleDraft.unscoped.get(tenant=city)


def typed(client, where, **values):
    """Open a page of the draft, type over some fields, and give what the browser would send."""
    response = client.get(page(where))
    data = dict(sent(response.context["form"]).lists())
    return data | {"edit_number": [str(response.context["edit_number"])]} | values


def text_of(response):
    return response.content.decode()


def another_version(city, *, days, on=TODAY):
    data = presets.load("tosu")
    data["deadline"]["days"] = days
    data["version"] = f"{days}日の版"
    actor = factories.staff(city, Role.ADMINISTRATOR)
    return rulebooks.publish(city, data=data, effective_date=on, actor=actor, at=timezone.now())


# 読む


@pytest.mark.parametrize("role", Role.of(OrganizationKind.MUNICIPALITY))
def test_everyone_in_the_city_reads_the_rules_and_only_the_administrator_may_write(city, desk, role):
    text = text_of(desk(city, role).get(reverse("rules")))

    for told in (
        "落札日の翌日から5日以内に、双方の署名を終えます。",
        "公告（現場説明など）の日が令和8年3月1日以降のもの",
        "紙による契約書で契約を締結した場合は、本承諾書は無効になります。",
        "請負代金額の100分の10以上",
        "条文（36件）",
        "第１条",
        "標準の決裁",
        "承認：承認者",
        "契約保証予約（入札ボンド）は電子保証の対象外です。",
    ):
        assert told in text
    assert ("次の版を作る" in text) == (role == Role.ADMINISTRATOR)


def test_the_list_of_versions_tells_days_publishers_and_cases(city, admin):
    factories.case(city)
    coming = another_version(city, days=7, on=NEXT_SPRING)

    response = admin.get(reverse("rules"))

    text = text_of(response)
    assert f"{wareki(NEXT_SPRING)}から" in text
    assert coming.published_by.name in text
    rows = {row.number: (standing[0], started) for row, standing, started in response.context["rows"]}
    assert rows == {2: (f"{wareki(NEXT_SPRING)}から", 0), 1: ("適用中", 1)}


def test_more_versions_ask_no_more_queries(city, admin, django_assert_num_queries):
    admin.get(reverse("rules"))
    with CaptureQueriesContext(connection) as first:
        admin.get(reverse("rules"))
    for days in (6, 7, 8):
        factories.case(city)
        another_version(city, days=days)

    with django_assert_num_queries(len(first)):
        admin.get(reverse("rules"))


def test_two_versions_of_one_day_say_which_is_used(city, admin):
    for days in (6, 7):
        another_version(city, days=days)

    rows = admin.get(reverse("rules")).context["rows"]

    assert {row.number: standing[0] for row, standing, _ in rows} == {3: "適用中", 2: "差替え済み", 1: "適用終了"}


def test_any_two_versions_are_compared(city, admin):
    first = RuleSet.unscoped.get(tenant=city)
    last = another_version(city, days=7)
    another_version(city, days=8)

    text = text_of(admin.get(reverse("rule_compare"), {"before": first.pk, "after": last.pk}))
    default = text_of(admin.get(reverse("rule_compare"), {"before": "x", "after": "99999999999999999999"}))

    assert "契約締結期限 › 日数" in text
    assert "第1版から第2版への違い" in text
    assert "第2版から第3版への違い" in default


def test_a_version_is_handed_out_as_a_file_that_reads_back_the_same(city, admin):
    version = RuleSet.unscoped.get(tenant=city)

    response = admin.get(reverse("rule_file", args=[version.pk]))

    assert files.read(text_of(response)) == version.data
    assert "attachment" in response["Content-Disposition"]
    assert "%E7%AC%AC1%E7%89%88.toml" in response["Content-Disposition"]


def test_the_next_city_sees_neither_the_version_nor_the_draft(city, drafting, desk):
    version = RuleSet.unscoped.get(tenant=city)
    stranger = desk(factories.city("usuki"), *Role)

    assert stranger.get(reverse("rule_set", args=[version.pk])).status_code == 404
    assert stranger.get(reverse("rule_file", args=[version.pk])).status_code == 404
    assert stranger.get(reverse("rule_draft")).headers["Location"] == reverse("rules")
    compared = stranger.get(reverse("rule_compare"), {"after": version.pk, "before": version.pk})
    assert version not in compared.context["versions"]
    assert version not in {compared.context["before"], compared.context["after"]}


def test_a_city_without_rules_says_so_and_can_write_its_first(db, desk):
    bare = Organization.objects.create(kind="municipality", slug="bare", name="無垢市")
    tenancy.set_tenant(bare.pk)
    Department.unscoped.create(tenant=bare, name="建設課")
    admin = desk(bare, Role.ADMINISTRATOR)

    assert "適用中の規程がありません" in text_of(admin.get(reverse("rules")))
    assert "違いはありません" in text_of(admin.get(reverse("rule_compare")))
    contents = text_of(admin.post(reverse("rule_draft_begin"), follow=True))

    assert "「電子契約の対象」がありません。" in contents
    for where in ("general", "econtract", "approval/routes/new"):
        assert admin.get(page(where)).status_code == 200


# 書く


def test_the_contents_name_every_page_and_what_is_changed_on_it(city, drafting):
    drafting.post(page("deadline"), typed(drafting, "deadline", days="7"))

    text = text_of(drafting.get(reverse("rule_draft")))

    for label in ("電子契約の対象", "契約締結期限", "約款", "決裁の経路", "よくある質問", "電子保証"):
        assert label in text
    assert text.count("違い1件") == 1
    assert reverse("rule_draft_publish") in text


def test_what_is_typed_is_kept_in_the_draft_and_changes_no_verdict(city, drafting):
    data = typed(drafting, "deadline", days="７", local_closed_days="8月14日\r\n令和8年10月2日")

    response = drafting.post(page("deadline"), data, follow=True)

    assert "「契約締結期限」を下書きに保存しました。" in text_of(response)
    kept = draft_of(city).data["deadline"]
    assert (kept["days"], kept["local_closed_days"]) == (7, ["08-14", "2026-10-02"])
    assert RuleSet.in_force(tenant=city, on=TODAY).data["deadline"]["days"] == 5


def test_rows_are_added_moved_and_removed_without_saving(city, drafting):
    data = typed(drafting, "econtract", act="add:conditions", reason="あとで書く")
    before = written()

    response = drafting.post(page("econtract"), data)

    assert response.status_code == 200
    assert len(next(p for p in response.context["form"].parts if p.kind == "rows").groups) == 2
    assert "あとで書く" in text_of(response)
    assert "適用時期 2" in text_of(response)
    assert written() == before


def test_errors_stand_at_their_fields_with_what_was_typed(city, drafting):
    response = drafting.post(page("deadline"), typed(drafting, "deadline", days="五日", unit="business"))

    text = text_of(response)
    assert response.status_code == 422
    assert "「五日」を数として読めません。" in text
    assert 'value="五日"' in text
    assert 'href="#id_days"' in text
    assert draft_of(city).edit_number == 0


def test_an_impossible_day_is_refused(city, drafting):
    data = typed(drafting, "econtract", **{"conditions.0.date": "令和8年2月30日"})

    response = drafting.post(page("econtract"), data)

    assert response.status_code == 422
    assert "「令和8年2月30日」という日付はありません。" in text_of(response)


def test_a_clause_set_is_added_edited_moved_and_taken_out(city, drafting):
    new = typed(
        drafting,
        "contract/clause_sets/new",
        name="森の約款",
        effective_date="令和9年4月1日",
        kinds=["other"],
        **{"articles.rows": "1", "articles.0.title": "（総則）", "articles.0.paragraphs": "一項\n\n二項"},
    )

    drafting.post(page("contract/clause_sets/new"), new)

    kept = draft_of(city).data["contract"]["clause_sets"]
    assert kept[2] == {
        "name": "森の約款",
        "effective_date": "2027-04-01",
        "kinds": ["other"],
        "articles": [{"title": "（総則）", "paragraphs": ["一項", "二項"]}],
    }
    for act in ("up:entries:2", "remove:entries:0"):
        number = str(draft_of(city).edit_number)
        drafting.post(page("contract/clause_sets"), {"act": act, "edit_number": number})
    names = [one["name"] for one in draft_of(city).data["contract"]["clause_sets"]]
    assert names == ["森の約款", "業務委託契約約款"]


def test_texts_are_edited_the_same_way(city, drafting):
    data = typed(drafting, "texts/faq", **{"faq.0.answer": "はい。\n\nそのとおりです。"})

    drafting.post(page("texts/faq"), data)

    assert draft_of(city).data["texts"]["faq"][0]["answer"] == "はい。\n\nそのとおりです。"


def test_the_draft_may_be_left_incomplete_and_says_what_is_missing_and_where(city, drafting):
    data = typed(drafting, "econtract", kinds=[])

    drafting.post(page("econtract"), data)

    text = text_of(drafting.get(reverse("rule_draft")))
    assert "「電子契約の対象」の「適用案件」がありません。" in text
    assert f'href="{page("econtract")}">直す' in text
    assert reverse("rule_draft_publish") not in text
    assert "公開までに、次のことが要ります" in text_of(drafting.get(reverse("rule_draft_preview")))
    assert "確認へ進む" not in text_of(drafting.get(reverse("rule_draft_publish")))


def test_the_second_administrator_sees_both_and_decides(city, drafting, desk):
    other = desk(city, Role.ADMINISTRATOR)
    mine = typed(other, "deadline", days="9")
    drafting.post(page("deadline"), typed(drafting, "deadline", days="6", rule="先に書いた定め"))

    told = other.post(page("deadline"), mine)

    text = text_of(told)
    assert told.status_code == 409
    assert "他の管理者が先に保存しました" in text
    assert "先に書いた定め" in text
    first, *_ = told.context["conflict"]
    assert (first["label"], first["before"], first["after"]) == ("契約締結期限 › 日数", "6", "9")
    assert draft_of(city).data["deadline"]["days"] == 6

    again = typed(other, "deadline", days="9") | {"edit_number": str(told.context["edit_number"])}
    assert other.post(page("deadline"), again).status_code == 302
    assert draft_of(city).data["deadline"]["days"] == 9


@pytest.mark.parametrize("number", ["", "-1", "x", "9" * 40, "1"])
def test_an_edit_begun_from_nowhere_is_told_the_same(city, drafting, number):
    response = drafting.post(page("deadline"), typed(drafting, "deadline", days="9", edit_number=number))

    assert response.status_code == 409
    assert draft_of(city).data["deadline"]["days"] == 5


def test_a_stale_shelf_is_refused(city, drafting):
    drafting.post(page("deadline"), typed(drafting, "deadline", days="6"))

    response = drafting.post(page("contract/clause_sets"), {"act": "remove:entries:0", "edit_number": "0"})

    assert response.status_code == 409
    assert len(draft_of(city).data["contract"]["clause_sets"]) == 2


def test_a_draft_that_is_gone_is_told_on_saving_and_left_on_reading(city, drafting):
    data = typed(drafting, "deadline", days="6")
    drafting.post(reverse("rule_draft_discard"), {"edit_number": "0"})

    assert "公開したか、取りやめました" in text_of(drafting.post(page("deadline"), data))
    for name in ("rule_draft", "rule_draft_preview", "rule_draft_publish"):
        assert drafting.get(reverse(name)).headers["Location"] == reverse("rules")


@pytest.mark.parametrize("where", ["nowhere", "city", "contract/clause_sets/99", "deadline/days", "texts/faq/0"])
def test_a_page_that_is_not_there_is_not_found(drafting, where):
    assert drafting.get(page(where)).status_code == 404


def test_reading_the_draft_writes_nothing(city, drafting):
    before = written()

    for where in ("general", "econtract", "contract", "contract/clause_sets", "contract/clause_sets/0", "texts"):
        assert drafting.get(page(where)).status_code == 200
    for name in ("rule_draft", "rule_draft_load", "rule_draft_preview", "rule_draft_publish"):
        assert drafting.get(reverse(name)).status_code == 200

    assert written() == before


# ファイル


def upload(client, content, *, edit_number="0"):
    file = SimpleUploadedFile("rules.toml", content)
    return client.post(reverse("rule_draft_load"), {"file": file, "edit_number": edit_number}, follow=True)


def test_a_file_is_read_into_the_draft(city, admin):
    rules = presets.load("tosu")
    rules["deadline"]["days"] = 10

    text = text_of(upload(admin, files.write(rules).encode()))

    assert "ファイルの規則を下書きに読み込みました。" in text
    assert draft_of(city).data["deadline"]["days"] == 10


def test_the_file_of_another_city_gives_its_rules_but_not_its_name(city, admin):
    text = text_of(upload(admin, files.write(presets.load("usuki")).encode()))

    assert "臼杵市の規則です。自治体の名称は鳥栖市に替えました。" in text
    assert draft_of(city).data["name"] == "鳥栖市"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "がありません。"),
        ('name = "鳥栖市"\nversion = =\n'.encode(), "2行目を読めません"),
        (TOSU.replace("days = 5", "dayz = 5").encode(), "「dayz」という項目はありません。"),
        (TOSU.encode("cp932", "replace"), "UTF-8 で保存した"),
        (b"\x00\xff" * 100, "UTF-8 で保存した"),
        (b"# " + b"x" * 5_000_000, "ファイルが大きすぎます（5.0MB）。2MBまでです。"),
    ],
    ids=["empty", "broken", "unknown key", "cp932", "no text", "5 MB"],
)
def test_a_file_that_cannot_be_read_says_why_and_leaves_everything(city, admin, content, says):
    response = upload(admin, content)

    assert response.status_code == 422
    if content:
        assert says in text_of(response)
    assert not RuleDraft.unscoped.exists()


def test_a_file_does_not_replace_what_someone_saved_meanwhile(city, drafting):
    drafting.post(page("deadline"), typed(drafting, "deadline", days="6"))

    response = upload(drafting, files.write(presets.load("tosu")).encode())

    assert response.status_code == 422
    assert "他の管理者が先に保存しました" in text_of(response)
    assert draft_of(city).data["deadline"]["days"] == 6


# 確かめて、公開する


def test_the_preview_shows_cases_differences_and_the_card(city, drafting):
    case = factories.case(city, procurement_method="designated_tender")
    data = typed(drafting, "econtract", excluded_methods=["negotiated", "designated_tender"])
    drafting.post(page("econtract"), data)
    drafting.post(page("deadline"), typed(drafting, "deadline", days="7"))

    text = text_of(drafting.get(reverse("rule_draft_preview")))

    assert case.number in text
    assert "指名競争入札は対象外です。この案件の調達方法は指名競争入札ですので、対象外です。" in text
    assert "7日目" in text
    assert "電子契約の対象 › 対象外の調達方法" in text
    assert "落札日の翌日から7日以内に、双方の署名を終えます。" in text


def test_publishing_is_confirmed_and_the_version_waits_for_its_day(city, drafting):
    drafting.post(page("deadline"), typed(drafting, "deadline", days="7"))
    asked = {"effective_date": wareki(NEXT_SPRING), "version": "来年度版"}

    confirm = drafting.post(reverse("rule_draft_publish"), asked)
    assert "この内容で公開します" in text_of(confirm)
    assert "契約締結期限 › 日数" in text_of(confirm)
    assert RuleSet.unscoped.filter(tenant=city).count() == 1

    done = drafting.post(reverse("rule_draft_publish"), asked | {"confirmed": "yes", "edit_number": "1"}, follow=True)
    assert f"第2版「来年度版」を公開しました。{wareki(NEXT_SPRING)}から適用します。" in text_of(done)
    assert "次の版を作る" in text_of(done)
    assert RuleSet.in_force(tenant=city, on=TODAY).number == 1


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("令和8年2月30日", "という日付はありません"),
        ("", "入力が必要"),
        (wareki(TODAY - timedelta(days=1)), "以降の日にしてください。"),
        (wareki(TODAY), "その日に適用される版と同じ内容です。"),
    ],
)
def test_a_version_that_cannot_begin_so_is_refused(city, drafting, day, says):
    if "以降の日" in says:
        drafting.post(page("deadline"), typed(drafting, "deadline", days="7"))

    number = str(draft_of(city).edit_number)
    asked = {"effective_date": day, "confirmed": "yes", "edit_number": number}
    response = drafting.post(reverse("rule_draft_publish"), asked)

    assert response.status_code in {409, 422}
    assert says in text_of(response)
    assert RuleSet.unscoped.filter(tenant=city).count() == 1


def test_what_changed_after_the_confirmation_is_not_published(city, drafting, desk):
    drafting.post(page("deadline"), typed(drafting, "deadline", days="7"))
    other = desk(city, Role.ADMINISTRATOR)
    other.post(page("deadline"), typed(other, "deadline", days="30"))

    response = drafting.post(
        reverse("rule_draft_publish"),
        {"effective_date": wareki(TODAY), "version": "", "confirmed": "yes", "edit_number": "1"},
    )

    assert "他の管理者が先に保存しました" in text_of(response)
    assert RuleSet.unscoped.filter(tenant=city).count() == 1


def test_a_version_published_past_the_draft_is_pointed_out(city, drafting):
    another_version(city, days=8)

    assert "下書きを始めた後に、第2版が公開されました" in text_of(drafting.get(reverse("rule_draft")))


def test_a_city_without_electronic_contracts_says_so(desk):
    usuki = factories.city("usuki")

    text = text_of(desk(usuki, Role.DRAFTER).get(reverse("rules")))

    assert "契約は紙の契約書で締結してください。" in text
    assert "提出方法" in text
    assert "決裁の経路" not in text
