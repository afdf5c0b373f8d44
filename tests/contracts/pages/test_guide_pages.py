"""What a city says to the world: its rule card, its guide and its outline, for anyone and about no one."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import Organization, OrganizationKind, Role
from contracts import presets
from contracts.dates import wareki
from contracts.models import Purpose, RuleSet
from notifications import mail
from notifications.models import Delivery, MailWording
from tests import factories

pytestmark = pytest.mark.django_db

PAGES = ("city_rules", "city_guide", "city_checklist", "city_about", "city_outage")


def address(name: str, city: str) -> str:
    return reverse(name, kwargs={"city": city})


def text(name: str, city: str, **query: str) -> str:
    """Read a page as plain words."""
    response = Client().get(address(name, city), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def announce(tenant, *, after_days: int, **sections) -> RuleSet:
    """Publish a version that will be in force in some days."""
    row = RuleSet.unscoped.filter(tenant=tenant).latest("number")
    data = row.data | {name: row.data[name] | values for name, values in sections.items()}
    day = timezone.localdate() + timedelta(days=after_days)
    return RuleSet.unscoped.create(
        tenant=tenant, number=row.number + 1, name="次の年度の版", effective_date=day, data=data
    )


@pytest.mark.parametrize(
    ("slug", "deadline"),
    [
        ("tosu", "落札日の翌日から5日以内に、双方の署名を終えます。"),
        ("miyakonojo", "落札日から起算して7日以内に、双方の署名を終えます。"),
        ("matsuyama", "落札日の翌日から7日以内（閉庁日を除く。）に、双方の署名を終えます。"),
        ("shimanto", "落札日の翌日から10日以内に、双方の署名を終えます。"),
        ("usuki", "契約は紙の契約書で締結します。"),
    ],
)
def test_each_city_prints_its_own_rules(slug, deadline):
    city = factories.city(slug)

    page = text("city_rules", slug)

    assert f"{city.name}の決まり" in page
    assert deadline in page
    assert presets.load(slug)["version"] in page
    assert "令和7年4月1日から適用しています" in page
    for topic in ("契約締結期限", "承諾書", "署名順", "保証の提出先", "保証の必要書類", "約款"):
        assert topic in page


def test_the_card_works_an_example_of_the_deadline_for_today():
    factories.city("tosu")
    today = timezone.localdate()

    page = text("city_rules", "tosu")

    assert f"きょう（{wareki(today)}）が落札日なら" in page
    assert wareki(today + timedelta(days=5)) in page
    assert "起算 → 5日目" in page


def test_usuki_says_that_contracts_are_on_paper_and_guarantees_are_electronic():
    factories.city("usuki")

    card, outline = text("city_rules", "usuki"), text("city_about", "usuki")

    assert "手引に電子契約の定めがないため、対象外です。" in card
    assert "期限の数え方の例" not in card
    assert "当初契約の締結日が令和7年4月1日以降の建設工事が対象です。" in card
    assert "契約検査課へ提出します（持参）" in card
    assert "「臼杵市公共工事請負契約約款(令和7年4月1日改正)」又はその後の最新版" in card
    assert "保証証書とは、電子証書の内容を確認する画面を印刷したものをいいます。" in card
    assert "臼杵市では、電子契約は対象外です。" in outline
    assert "印紙税の例" not in outline


def test_the_guide_tells_the_five_chapters_the_questions_and_whom_to_ask():
    factories.city("tosu", help_form="https://www.city.tosu.example.jp/form/")

    page = text("city_guide", "tosu")

    for title in ("電子契約とは", "契約締結の流れ（1）準備", "ヘルプセンター・お問い合わせ"):
        assert title in page
    assert "e-Net保証のID登録にはどのような手続きが必要ですか。" in page
    assert "お申込み毎に保証料が200円割引となります。対象は、前払金額（保証金額）が300万円以上のお申込みです。" in page
    assert "電子証書・認証キー登録のお知らせ" in page
    assert "0942-85-3500（平日8:30〜17:15）" in page
    assert "03-6415-7444（平日10:00-18:00）" in page
    assert "https://www.city.tosu.example.jp/form/" in Client().get(address("city_guide", "tosu")).content.decode()


def test_the_guide_tells_the_mails_as_this_city_words_them_and_how_long_a_download_lives():
    city = factories.city("tosu", download_lifetime=timedelta(days=10))
    MailWording.unscoped.create(tenant=city, template="contracts/concluded", subject="{案件名}が締結されました")

    page = text("city_guide", "tosu")

    assert f"署名依頼の件名は「{city.name}様 より（案件名）への署名依頼が届いています」" in page
    assert "締結のお知らせの件名は「（案件名）が締結されました」" in page
    assert f"差出元は「{city.name}（むすび） &lt;" in Client().get(address("city_guide", "tosu")).content.decode()
    assert "お送りしてから10日です。" in page


def test_the_guide_tells_the_columns_of_the_list_of_works_the_videos_and_what_was_announced():
    factories.city("tosu")

    page = text("city_guide", "tosu")

    columns = (
        "種別",
        "証書発行日",
        "保証契約番号",
        "区分（契約／前払）",
        "請負金額（総額）／請負金額（対象額）",
        "認証キー（「表示」のボタン）",
    )
    assert all(f"・{column}" in page for column in columns)
    assert "・用途内訳明細書・払出依頼書 作成" in page
    assert "令和6年2月13日 e-Net保証の保証料計算について" in page
    assert "e-Net保証の操作マニュアル動画" in page


def test_the_checklist_is_a_page_of_its_own_with_the_city_s_values():
    factories.city("tosu")

    page = text("city_checklist", "tosu")

    assert "落札前の確認" in page
    assert "落札日の翌日から5日以内に、双方の署名を終えます。" in page
    assert "契約保証予約（入札ボンド）は電子保証の対象外です。" in page


def test_a_city_without_a_checklist_points_to_its_rules():
    factories.rule_set(factories.city("shimanto"), texts={"checklist": []})

    assert "落札前の確認の一覧は、まだ公開されていません。" in text("city_checklist", "shimanto")


def test_every_entry_of_the_contents_leads_to_a_place_on_the_page():
    factories.city("tosu")

    page = Client().get(address("city_guide", "tosu")).content.decode()

    targets = set(re.findall(r'href="#([\w-]+)"', page))
    assert {"faq", "links", "help", "glossary", "econtract-1", "guarantee-6"} <= targets
    assert targets - {"main"} <= set(re.findall(r'id="([\w-]+)"', page))


def test_usuki_tells_its_own_way_into_e_net_and_its_five_questions():
    factories.city("usuki")

    page = text("city_guide", "usuki")

    assert "ログインする際のお客様ID・パスワードは、e-Net保証のお客様ID・パスワードと共通です。" in page
    assert "原則は「契約書等と併せて持参」となるようです。" in page
    assert page.count("電子証書の内容を確認する画面") >= 2
    assert "契約締結の流れ" not in page


def test_the_outline_tells_the_merits_the_difference_to_paper_and_the_stamp_spared():
    factories.city("tosu")

    page = text("city_about", "tosu")

    for words in ("締結コストを削減", "締結手続きの高速化", "ガバナンス（内部統制）強化", "立会人型", "印鑑 電子署名"):
        assert words in page
    assert "11,000,000円" in page
    assert re.search(r"(5,000|10,000)円の収入印紙が要ります", page)
    assert "電子契約：発注者の利点" in page
    assert "保証証書の保管簿に記帳する必要がありません。" in page
    assert "ISO" not in page
    assert "ISMAP" not in page


def test_the_difference_to_another_city_is_marked():
    factories.city("shimanto", name="四万十市")
    factories.city("tosu")

    alone, beside = text("city_rules", "tosu"), text("city_rules", "tosu", compare="shimanto")

    assert "違います" not in alone
    assert "四万十市では：落札日の翌日から10日以内に" in beside
    assert "（5,000,000円以上の契約は、メールのリンクとアクセスコード）で署名します。" in beside
    assert "四万十市では：様式第1号" not in beside
    assert beside.count("四万十市と違います") == beside.count("四万十市では：")


def test_a_city_that_is_not_here_is_no_page_and_no_comparison():
    factories.city("tosu")
    Organization.objects.create(kind=OrganizationKind.CONTRACTOR, slug="kensetsu", name="㈱建設")

    for name in PAGES:
        assert Client().get(address(name, "nowhere")).status_code == 404
        assert Client().get(address(name, "kensetsu")).status_code == 404
    for slug in ("nowhere", "kensetsu", "tosu"):
        assert Client().get(address("city_rules", "tosu"), {"compare": slug}).status_code == 404


def test_a_city_without_rules_says_so_and_from_when_it_will_have_them():
    city = factories.city("tosu")
    new = Organization.objects.create(kind=OrganizationKind.MUNICIPALITY, slug="new", name="新市")
    factories.tenancy.set_tenant(new.pk)
    day = timezone.localdate() + timedelta(days=30)

    before = text("city_guide", "new")
    data = presets.load("tosu")
    factories.tenancy.set_tenant(new.pk)
    RuleSet.unscoped.create(tenant=new, number=1, name="開始の版", effective_date=day, data=data)
    after = text("city_rules", "new")
    beside = text("city_rules", city.slug, compare="new")

    assert "決まりは、まだ公開されていません" in before
    assert f"{wareki(day)}から「開始の版」を適用します。" in after
    assert "新市の決まりは、まだ公開されていません" in beside


def test_the_next_version_is_announced_with_what_it_changes():
    city = factories.city("tosu")
    coming = announce(city, after_days=40, deadline={"days": 7, "late_policy": "warn"})
    announce(city, after_days=90, deadline={"days": 9})

    page = text("city_rules", "tosu")

    assert f"{wareki(coming.effective_date)}から変わります" in page
    assert "「次の年度の版」（第2版）を公開しています。" in page
    assert "落札日の翌日から7日以内に、双方の署名を終えます。期限を過ぎたときは" in page
    assert "変わるところ（2件）を見る" in page
    assert "9日以内" not in page


def test_what_is_in_force_now_is_not_announced():
    city = factories.city("tosu")
    announce(city, after_days=0, deadline={"days": 7})

    page = text("city_rules", "tosu")

    assert "落札日の翌日から7日以内に" in page
    assert "変わります" not in page


def test_nothing_of_a_case_or_of_the_inside_of_a_city_is_told(tosu):
    tosu.sent()
    case = tosu.case

    for name in PAGES:
        page = Client().get(address(name, tosu.tenant.slug)).content.decode()
        for secret in (case.number, case.title, case.contractor.name, case.contractor.email, tosu.drafter.email):
            assert secret not in page
        assert "標準の決裁" not in page


def test_a_page_shows_another_city_nothing_but_its_own():
    factories.city("usuki", help_phone="0972-63-1111")
    factories.city("tosu")

    for name in PAGES:
        page = text(name, "tosu")
        assert "0972-63-1111" not in page
        assert "臼杵市公共工事請負契約約款" not in page


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_the_same_for_everyone_and_may_be_kept_for_a_while(name, desk, tosu):
    staff = desk(tosu.tenant, Role.ADMINISTRATOR)

    theirs, anyones = (client.get(address(name, tosu.tenant.slug)) for client in (staff, Client()))

    assert theirs.content == anyones.content
    assert "max-age=300" in anyones["Cache-Control"]
    assert "public" in anyones["Cache-Control"]
    assert "Cookie" not in anyones.get("Vary", "")
    assert not anyones.cookies
    assert not theirs.cookies


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_few_queries_with_many_cities(name, django_assert_max_num_queries):
    for slug in presets.available():
        factories.city(slug)

    with django_assert_max_num_queries(25):
        Client().get(address(name, "tosu"))


def test_a_mailed_link_and_its_mail_lead_to_the_rules_and_the_guide(tosu):
    tosu.invited()
    sent = Delivery.unscoped.get(template="contracts/consent_invited")
    said = mail.words(tenant=tosu.tenant, template=sent.template, context=sent.context, link="https://example.jp/x/")
    landing = Client().get(tosu.address(Purpose.CONSENT)).content.decode()

    for name in ("city_rules", "city_guide"):
        there = address(name, tosu.tenant.slug)
        for page in (landing, said.text, said.html):
            assert there in page


def test_every_page_of_a_city_says_where_to_ask(tosu, desk):
    Organization.objects.filter(pk=tosu.tenant.pk).update(help_form="https://www.city.tosu.example.jp/form/")

    page = desk(tosu.tenant, Role.DRAFTER).get(reverse("home")).content.decode()

    for words in ("0942-85-3500", "平日8:30〜17:15", "mailto:keiyaku@tosu.example.jp", "/form/", "/tosu/guide/#faq"):
        assert words in page
