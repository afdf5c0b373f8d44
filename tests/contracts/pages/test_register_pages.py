"""The register in the browser: looked up by all staff, kept by a few, and never overwritten unseen."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts import paging
from contracts.models import Authority, Basis, Contractor, JvMember
from contracts.services.register import enlisting
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db


def typed_firm(**values) -> dict:
    return {
        "kind": "firm",
        "registration_number": "第12号",
        "name": "㈱髙﨑𠮷・葛󠄀城組",
        "branch": "佐賀支店",
        "address": "佐賀市城内1-1-59",
        "representative_title": "代表取締役",
        "representative_name": "髙﨑　𠮷男",
        "agent_title": "佐賀支店長",
        "agent_name": "濵田　次郎",
        "email": "saga@takasaki.example.jp",
        "phone": "",
    } | values


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, Role.DRAFTER)


def test_a_firm_is_put_on_the_register_exactly_as_typed(tosu, clerk):
    page = clerk.post(reverse("contractor_new"), typed_firm(), follow=True)

    firm = Contractor.unscoped.get(registration_number="第12号")
    assert firm.name == "㈱髙﨑𠮷・葛󠄀城組"
    text = page.content.decode()
    assert "㈱髙﨑𠮷・葛󠄀城組　佐賀支店を保存しました。" in text
    assert "佐賀支店長 濵田　次郎" in text
    assert "事業者を名簿に登録" in text


def test_a_name_that_turns_around_is_refused_with_the_position_and_what_was_typed(clerk):
    page = clerk.post(reverse("contractor_new"), typed_firm(name="㈱髙\u202e﨑", agent_name=""))

    assert page.status_code == 422
    assert "3文字目に、名前には使えない文字の向きを変える文字（U+202E）" in page.content.decode()
    assert "役職と氏名の両方を" in page.content.decode()
    assert "佐賀市城内1-1-59" in page.content.decode()


def test_a_free_mail_address_is_only_warned_about(clerk):
    page = clerk.post(reverse("contractor_new"), typed_firm(email="firm@gmail.com"), follow=True)

    assert Contractor.unscoped.filter(email="firm@gmail.com").exists()
    assert "だれでも取れるメールサービス" in page.content.decode()


def test_a_taken_registration_number_is_refused(tosu, clerk):
    factories.contractor(tosu.tenant, registration_number="第12号")

    page = clerk.post(reverse("contractor_new"), typed_firm())

    assert page.status_code == 422
    assert "この登録番号は、ほかの事業者が使っています" in page.content.decode()


def test_the_second_of_two_editors_sees_both_values_and_overwrites_nothing(tosu, clerk):
    firm = factories.contractor(tosu.tenant, name="新星建設")
    address = reverse("contractor_edit", args=[firm.pk])
    opened = clerk.get(address).context["form"].initial
    enlisting.correct(firm, actor=tosu.drafter, at=timezone.now(), edit_number=0, phone="0942-11-1111")

    told = clerk.post(address, opened | {"phone": "0942-22-2222"})

    text = told.content.decode()
    assert told.status_code == 409
    assert "他の職員が先に保存しました" in text
    assert "0942-11-1111" in text
    assert "0942-22-2222" in text
    firm.refresh_from_db()
    assert firm.phone == "0942-11-1111"
    again = clerk.post(
        address, opened | {"phone": "0942-22-2222", "edit_number": told.context["form"]["edit_number"].value()}
    )
    assert again.status_code == 302
    firm.refresh_from_db()
    assert firm.phone == "0942-22-2222"


def test_a_firm_is_found_by_any_spelling_of_name_branch_or_number(tosu, clerk):
    clerk.post(reverse("contractor_new"), typed_firm())
    factories.contractor(tosu.tenant, name="別の会社", active=False)

    for words in ("株式会社高崎", "佐賀支店", "第１２号", "髙﨑 佐賀"):
        text = clerk.get(reverse("register"), {"words": words}).content.decode()
        assert "葛󠄀城組" in text, words
        assert "別の会社" not in text, words
    assert "別の会社" in clerk.get(reverse("register"), {"standing": "suspended"}).content.decode()
    assert "当てはまる事業者はありません" in clerk.get(reverse("register"), {"words": "ない名"}).content.decode()


def test_a_long_register_is_paged_by_key_in_the_order_of_names(tosu, clerk):
    for number in range(paging.PAGE + 5):
        factories.contractor(tosu.tenant, name=f"甲{number:03}建設")

    first = clerk.get(reverse("register"), {"words": "甲"})
    second = clerk.get(reverse("register") + first.context["next_url"])

    names = [firm.name for page in (first, second) for firm in page.context["firms"]]
    assert names == [f"甲{number:03}建設" for number in range(paging.PAGE + 5)]
    assert second.context["next_url"] == ""
    for nonsense in ("999999999", "x", "9" * 40):
        assert clerk.get(reverse("register"), {"after": nonsense}).status_code == 200


def test_a_firm_is_suspended_and_taken_up_again(tosu, clerk):
    firm = factories.contractor(tosu.tenant, name="新星建設")
    address = reverse("contractor_standing", args=[firm.pk])

    assert "停止しました" in clerk.post(address, {"active": "no"}, follow=True).content.decode()
    assert "新星建設" not in clerk.get(
        reverse("contractor_search"), {"contractor_words": "新星"}
    ).content.decode().replace("「新星」", "")
    assert "再開しました" in clerk.post(address, {"active": "yes"}, follow=True).content.decode()


def test_a_joint_venture_gets_members_an_order_and_one_representative_without_javascript(tosu, clerk):
    clerk.post(
        reverse("contractor_new"),
        typed_firm(kind="venture", name="甲・乙特定JV", branch="", agent_title="", agent_name=""),
    )
    venture = Contractor.unscoped.get(name="甲・乙特定JV")
    first = factories.contractor(tosu.tenant, name="甲建設")
    second = factories.contractor(tosu.tenant, name="乙建設")
    address = reverse("venture_members", args=[venture.pk])
    assert "構成員がまだ決まっていません" in clerk.get(reverse("contractor", args=[venture.pk])).content.decode()

    for number, firm in enumerate((first, second)):
        assert firm.name in clerk.get(address, {"contractor_words": firm.name}).content.decode()
        clerk.post(reverse("venture_add", args=[venture.pk]), {"contractor": firm.pk, "edit_number": number})
    clerk.post(
        address,
        {f"order_{first.pk}": "2", f"order_{second.pk}": "1", "representative": second.pk, "edit_number": 2},
    )

    places = JvMember.unscoped.filter(joint_venture=venture).order_by("order")
    assert [(p.member.name, p.is_representative) for p in places] == [("乙建設", True), ("甲建設", False)]
    overtaken = clerk.post(address, {f"leave_{first.pk}": "on", "representative": second.pk, "edit_number": 2})
    assert overtaken.status_code == 422
    assert "他の職員が先に保存しました" in overtaken.content.decode()
    nobody = clerk.post(address, {f"leave_{second.pk}": "on", "representative": second.pk, "edit_number": 3})
    assert "代表構成員を、構成員の中から一者選んでください" in nobody.content.decode()
    assert (
        reverse("contractor", args=[venture.pk]) in clerk.get(reverse("contractor", args=[first.pk])).content.decode()
    )


def test_a_term_of_office_is_noted_and_ended(tosu, clerk):
    firm = factories.contractor(tosu.tenant)
    person = {"basis": Basis.AGENT, "title": "支店長", "name": "濵田", "email": "hamada@example.jp"}
    address = reverse("contractor_authority_add", args=[firm.pk])

    wrong = clerk.post(address, person | {"starts_date": "R8.4.1", "ends_date": "令和8年3月31日"})
    clerk.post(address, person | {"starts_date": "R2.4.1"})

    assert wrong.status_code == 422
    row = Authority.unscoped.get(contractor=firm)
    assert "在任" in clerk.get(reverse("contractor", args=[firm.pk])).content.decode()
    ended = clerk.post(reverse("contractor_authority_end", args=[row.pk]), {"ends_date": "R3.3.31"}, follow=True)
    assert "任期終了" in ended.content.decode()
    assert "令和2年4月1日から令和3年3月31日まで" in ended.content.decode()


def test_all_staff_read_the_register_and_only_its_keepers_see_the_buttons(tosu, desk):
    firm = factories.contractor(tosu.tenant)
    auditor, administrator = desk(tosu.tenant, Role.AUDITOR), desk(tosu.tenant, Role.ADMINISTRATOR)
    before = written()

    for name, args in (("register", []), ("contractor", [firm.pk])):
        read, kept = auditor.get(reverse(name, args=args)), administrator.get(reverse(name, args=args))
        assert read.status_code == kept.status_code == 200
        assert "CSV で取り込む" not in read.content.decode()
        assert "内容を直す" not in read.content.decode()
    assert "内容を直す" in kept.content.decode()
    assert written() == before


def test_lists_do_not_ask_per_row(tosu, clerk, django_assert_max_num_queries):
    for _ in range(30):
        factories.contractor(tosu.tenant)
    clerk.get(reverse("register"))

    with django_assert_max_num_queries(12):
        clerk.get(reverse("register"))


def test_a_stranger_sees_no_firm_of_the_next_city(tosu, stranger):
    firm = factories.contractor(tosu.tenant, name="鳥栖だけの会社")

    assert stranger.get(reverse("contractor", args=[firm.pk])).status_code == 404
    assert "鳥栖だけの会社" not in stranger.get(reverse("register")).content.decode()
    assert "鳥栖だけの会社" not in stranger.get(reverse("contractor_search"), {"contractor": firm.pk}).content.decode()
