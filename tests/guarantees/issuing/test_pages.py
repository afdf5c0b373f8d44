"""The pages of a guarantor, a firm that applies and an orderer that views, as browsers see them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guarantees.issuing.services import correspondents, underwriting, viewing
from guarantees.issuing.services.viewing import MOST_TRIES
from guarantees.models.issuing import Application, Correspondent, EntryLink, IssuedCertificate, Side, Tries
from guarantees.states import ApplicationState, IssueState
from tests.guarantees.issuing.conftest import CITY, FIRM, Books
from tests.guarantees.issuing.test_issuing import text_of

pytestmark = pytest.mark.django_db
TYPED = {
    "type": "advance",
    "work_title": "市道〇〇線道路改良工事",
    "price": "１００，０００，０００円",
    "amount": "40,000,000",
    "work_from": "令和8年3月15日",
    "work_until": "R8.9.30",
    "deposit_bank": "〇〇銀行 △△支店",
}


class Firm:
    """A firm behind its link."""

    def __init__(self, books: Books) -> None:
        self.client, self.page = books.entrance(books.firm)
        self.link_id = EntryLink.unscoped.latest("pk").pk

    def address(self, name: str, certificate: IssuedCertificate | None = None) -> str:
        seen = {"certificate_id": certificate.pk} if certificate else {}
        return reverse(name, kwargs={"guarantor": "nishinihon", "link_id": self.link_id} | seen)

    def shown(self, **asked: str) -> str:
        return self.client.get(self.page, asked).content.decode()


def test_a_firm_applies_and_sees_it_waiting(books):
    firm = Firm(books)
    form = firm.client.get(firm.address("issuing_apply")).content.decode()
    assert CITY in form
    assert "電子交付を希望する" in form
    assert "契約保証予約（入札ボンド）は、電子保証の対象外" in form

    response = firm.client.post(firm.address("issuing_apply"), TYPED | {"orderer": books.city.pk}, follow=True)

    application = Application.unscoped.get()
    assert (application.price, application.amount, application.applicant) == (100_000_000, 40_000_000, books.firm)
    page = response.content.decode()
    assert "お申込みを受け付けました" in page
    assert "審査待ち" in page


def test_a_mistake_is_shown_beside_what_was_typed(books):
    firm = Firm(books)

    response = firm.client.post(firm.address("issuing_apply"), TYPED | {"orderer": "", "amount": "たくさん"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "発注者を選んでください。" in page
    assert "たくさん" in page
    assert not Application.unscoped.exists()


def test_what_no_certificate_could_say_is_said_on_the_form(books):
    firm = Firm(books)

    response = firm.client.post(firm.address("issuing_apply"), TYPED | {"orderer": books.city.pk, "deposit_bank": ""})

    assert response.status_code == 422
    assert "前払金を預け入れる金融機関を入力してください。" in response.content.decode()


def test_a_firm_is_no_orderer_to_apply_towards(books):
    firm = Firm(books)

    response = firm.client.post(firm.address("issuing_apply"), TYPED | {"orderer": books.firm.pk})

    assert response.status_code == 422


def test_the_underwriter_reads_issues_and_sees_it_sealed(books):
    application = books.applied()
    desk = books.desk()
    page = desk.get(reverse("issuing")).content.decode()
    assert "審査を待っている申込みが1件" in page
    address = reverse("issuing_application", args=[application.pk])
    assert "引き受けて証書を発行する" in desk.get(address).content.decode()

    response = desk.post(reverse("issuing_issue", args=[application.pk]), follow=True)

    certificate = IssuedCertificate.unscoped.get()
    assert certificate.number in response.content.decode()
    assert "作成中" in response.content.decode()
    assert books.seal()
    page = desk.get(reverse("issuing_certificate", args=[certificate.pk])).content.decode()
    assert "有効" in page
    assert "40,000,000円" in page
    assert "保証証書を作成し封印" in page
    assert books.key(certificate) not in page
    assert "引き受けて証書を発行する" not in desk.get(address).content.decode()


def test_declining_takes_a_reason(books):
    application = books.applied()
    desk = books.desk()
    place = reverse("issuing_decline", args=[application.pk])

    assert desk.post(place, {"reason": ""}).status_code == 409
    desk.post(place, {"reason": "与信枠を超えています。"})

    application.refresh_from_db()
    assert application.state == ApplicationState.DECLINED
    assert "与信枠を超えています。" in Firm(books).shown()


def test_the_firm_lists_its_works_in_the_columns_of_the_guide(books):
    certificate = books.standing(base_price=90_000_000)
    firm = Firm(books)

    page = firm.shown()

    for column in (
        "種別",
        "証書発行日",
        "保証契約番号",
        "区分",
        "発注者",
        "工事名",
        "請負金額",
        "保証金額",
        "認証キー",
    ):
        assert column in page, column
    for fact in (certificate.number, "前払金保証", CITY, "100,000,000円", "90,000,000円", "40,000,000円", "表示"):
        assert fact in page, fact
    assert books.key(certificate) not in page


def test_the_list_begins_with_what_stands_and_shows_all_when_asked(books):
    certificate = books.standing()
    underwriting.cancel(certificate, actor=books.underwriter, at=timezone.now(), reason="契約の解除")
    firm = Firm(books)

    assert certificate.number not in firm.shown()
    assert certificate.number in firm.shown(state="", type="", words="")
    assert certificate.number in firm.shown(state="", words=f"道路改良 {certificate.number[:6]}")
    assert certificate.number not in firm.shown(state="", words="河川")
    assert certificate.number not in firm.shown(state="", type="contract")


def test_the_key_is_shown_by_pressing_on_one_answer_that_no_cache_keeps(books):
    certificate = books.standing()
    firm = Firm(books)
    place = firm.address("issuing_key", certificate)
    assert firm.client.get(place).status_code == 405

    response = firm.client.post(place)

    assert books.key(certificate) in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    for name in ("issuing_own", "issuing_change"):
        assert books.key(certificate) not in firm.client.get(firm.address(name, certificate)).content.decode()


def test_the_notice_is_downloaded_as_a_pdf_and_kept_nowhere(books):
    certificate = books.standing()
    firm = Firm(books)

    response = firm.client.post(firm.address("issuing_notice", certificate))

    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert books.key(certificate) in text_of(response.content)
    from vault.models import StoredFile

    assert StoredFile.objects.count() == 1, "the certificate alone"


def test_the_firm_reads_and_downloads_its_certificate(books):
    certificate = books.standing()
    firm = Firm(books)

    page = firm.client.get(firm.address("issuing_own", certificate)).content.decode()
    assert "令和8年3月15日" in page
    assert "変更の保証証書は発行しません" in page
    assert "誤って提出しないよう" in page
    response = firm.client.post(firm.address("issuing_own_pdf", certificate))

    assert response.content == viewing.pdf_of(certificate)


def test_a_change_starts_from_what_the_certificate_says(books):
    certificate = books.standing()
    firm = Firm(books)
    place = firm.address("issuing_change", certificate)
    assert "100,000,000" in firm.client.get(place).content.decode()

    typed = {name: value for name, value in TYPED.items() if name != "type"}
    same = firm.client.post(place, typed | {"work_until": "R8.12.28"})
    assert same.status_code == 422
    assert "工期だけの変更では" in same.content.decode()
    firm.client.post(place, typed | {"price": "120,000,000", "amount": "48,000,000"})

    assert Application.unscoped.get(changes=certificate).amount == 48_000_000
    desk = books.desk().get(reverse("issuing")).content.decode()
    assert "前払金保証（変更）" in desk


def city_browser(books: Books) -> tuple[Client, str]:
    return books.entrance(books.city)


def test_the_orderer_types_number_and_key_and_reads_the_certificate_with_its_seal(books):
    certificate = books.standing()
    client, page = city_browser(books)
    assert CITY in client.get(page).content.decode()

    response = client.post(page, {"number": certificate.number, "key": books.key(certificate)}, follow=True)

    shown = response.content.decode()
    assert "保証機関の電子署名は有効です" in shown
    assert "Nishinihon Kensetsu Hosho" in shown
    assert "40,000,000円" in shown
    assert books.key(certificate) not in shown
    taken = client.post(response.request["PATH_INFO"] + "pdf/")
    assert taken.content == viewing.pdf_of(certificate)
    assert "閲覧済み" in Firm(books).shown()


def test_a_certificate_opens_only_in_the_browser_that_typed_its_key(books):
    certificate = books.standing()
    client, page = city_browser(books)
    place = f"{page}{certificate.pk}/"

    assert client.get(place).status_code == 404
    assert client.post(place + "pdf/").status_code == 404


def test_wrong_keys_are_counted_over_pages_and_said_in_words(books):
    certificate = books.standing()
    client, page = city_browser(books)
    wrong = {"number": certificate.number, "key": "WRONGKEY12"}

    for _ in range(MOST_TRIES - 1):
        response = client.post(page, wrong, follow=True)
        assert "番号または認証キーが違います" in response.content.decode()
        assert "WRONGKEY12" not in response.content.decode()
    assert "閲覧を停止しています" in client.post(page, wrong, follow=True).content.decode()

    response = client.post(page, wrong | {"key": books.key(certificate)}, follow=True)
    assert "閲覧を停止しています" in response.content.decode()
    assert Tries.unscoped.get().wrong == MOST_TRIES


def test_a_key_that_was_typed_is_not_given_back(books):
    client, page = city_browser(books)

    response = client.post(page, {"number": "", "key": "TYPEDKEY12"})

    assert response.status_code == 422
    assert "TYPEDKEY12" not in response.content.decode()


def test_the_underwriter_opens_a_stopped_number_again(books):
    certificate = books.standing()
    client, page = city_browser(books)
    for _ in range(MOST_TRIES):
        client.post(page, {"number": certificate.number, "key": "WRONG"})
    desk = books.desk()
    assert "閲覧を停止しています" in desk.get(reverse("issuing_certificate", args=[certificate.pk])).content.decode()
    assert certificate.number in desk.get(reverse("issuing_correspondent", args=[books.city.pk])).content.decode()

    desk.post(reverse("issuing_unlock", args=[Tries.unscoped.get().pk]), {"reason": "電話で確かめた"})

    response = client.post(page, {"number": certificate.number, "key": books.key(certificate)}, follow=True)
    assert "保証機関の電子署名は有効です" in response.content.decode()


def test_cancelling_shows_on_every_page(books):
    certificate = books.standing()
    desk = books.desk()

    desk.post(reverse("issuing_cancel", args=[certificate.pk]), {"reason": "契約の解除による"})

    certificate.refresh_from_db()
    assert certificate.state == IssueState.CANCELLED
    client, page = city_browser(books)
    response = client.post(page, {"number": certificate.number, "key": books.key(certificate)}, follow=True)
    assert "この保証は解約されています" in response.content.decode()
    firm = Firm(books)
    assert "契約の解除による" in firm.client.get(firm.address("issuing_own", certificate)).content.decode()


def test_a_token_is_shown_once_with_the_address_to_ask(books):
    desk = books.desk()

    response = desk.post(reverse("issuing_connect", args=[books.city.pk]))

    page = response.content.decode()
    assert "/nishinihon/certificates/view/" in page
    assert "no-store" in response["Cache-Control"]
    token = next(word for word in page.replace("<", " ").replace(">", " ").split() if correspondents.by_token(word))
    assert token not in desk.get(reverse("issuing_correspondent", args=[books.city.pk])).content.decode()


def test_a_correspondent_is_entered_and_invited(books):
    desk = books.desk()
    typed = {"side": "applicant", "name": "渡邉土木", "email": "watanabe@kensetsu.example.jp", "address": "鳥栖市元町"}

    response = desk.post(reverse("issuing_correspondent_new"), typed, follow=True)
    assert "登録しました" in response.content.decode()
    again = desk.post(reverse("issuing_correspondent_new"), typed)
    assert again.status_code == 422
    assert "すでに登録されています" in again.content.decode()

    made = Correspondent.unscoped.get(name="渡邉土木")
    assert (made.side, made.address) == (Side.APPLICANT, "鳥栖市元町")
    desk.post(reverse("issuing_invite", args=[made.pk]))
    assert EntryLink.unscoped.filter(correspondent=made).count() == 1


def test_a_list_asks_as_often_for_many_as_for_few(books, django_assert_max_num_queries):
    for _ in range(2):
        books.standing()
    firm = Firm(books)
    desk = books.desk()

    for client, place in ((firm.client, firm.page), (desk, reverse("issuing"))):
        client.get(place)
        with django_assert_max_num_queries(20):
            assert client.get(place).status_code == 200


def test_pdfs_are_named_for_people(books):
    certificate = books.standing()
    firm = Firm(books)

    response = firm.client.post(firm.address("issuing_own_pdf", certificate))

    assert f"%E4%BF%9D%E8%A8%BC%E8%A8%BC%E6%9B%B8_{certificate.number}.pdf" in response["Content-Disposition"]
    assert FIRM in text_of(response.content)


def test_a_correction_keeps_the_certificates_and_ends_the_links_to_the_old_address(books):
    certificate = books.standing()
    firm = Firm(books)
    desk = books.desk()
    place = reverse("issuing_correspondent_edit", args=[books.firm.pk])
    typed = {"name": "髙﨑建設株式会社", "email": "new@takasaki.example.jp", "address": "鳥栖市元町", "phone": ""}
    assert FIRM in desk.get(place).content.decode()

    assert desk.post(place, typed | {"email": books.firm.email}).status_code == 302
    assert firm.client.get(firm.page).status_code == 200
    desk.post(place, typed)

    assert firm.client.get(firm.page).status_code == 404
    books.firm.refresh_from_db()
    assert books.firm.email == "new@takasaki.example.jp"
    certificate.refresh_from_db()
    assert certificate.facts["applicant_name"] == FIRM


def test_a_correction_takes_no_name_that_another_has(books):
    books.entered(Side.APPLICANT, "渡邉土木", "watanabe@kensetsu.example.jp")
    place = reverse("issuing_correspondent_edit", args=[books.firm.pk])

    response = books.desk().post(place, {"name": "渡邉土木", "email": "a@example.jp", "address": "", "phone": ""})

    assert response.status_code == 422
    assert "すでに登録されています" in response.content.decode()
