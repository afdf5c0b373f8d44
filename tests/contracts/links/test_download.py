"""The finished documents: two presses from the mail, two weeks, then the words of the guide."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from contracts.models import AccessLink, DocumentKind, Purpose
from contracts.services.upkeep import certifying
from signing import setup
from signing.results import Verdict
from signing.verification import verify
from tests.contracts.links.conftest import enter
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(tosu: Story, browser) -> str:
    return enter(browser, tosu.concluded().address(Purpose.DOWNLOAD))


def test_the_page_has_the_words_of_the_guide(tosu, browser, page):
    html = browser.get(page).content.decode()

    for words in (
        "全ての手続きが完了しました",
        "全ての関係者が手続きを完了しました。PDF文書は下記からダウンロードしてください。",
        "文書1: 工事請負契約書",
        "文書2: 特記仕様書",
        "ダウンロード",
        "署名の進行状況",
        "むすびで保管",
        "Topへ戻る",
        "受注者の署名",
        "発注者の署名",
    ):
        assert words in html


def test_a_document_is_handed_out_by_a_post_under_its_name_and_noted(tosu, browser, page):
    document = tosu.version.documents.order_by("order").first()
    assert browser.get(f"{page}{document.pk}/").status_code == 405

    answer = browser.post(f"{page}{document.pk}/")

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert unquote(answer["Content-Disposition"]).endswith(f"''{tosu.case.number}_工事請負契約書.pdf")
    assert verify(answer.content, trust=setup.trust()).verdict is Verdict.VALID
    assert Event.objects.filter(action="document.downloaded", actor_kind="contractor").count() == 1


def test_looking_at_the_page_is_not_a_download(tosu, browser, page):
    before = written()

    browser.get(page)

    assert written() == before


def test_after_its_life_the_link_and_the_open_page_say_so_and_name_the_city(tosu, browser):
    address = tosu.concluded().address(Purpose.DOWNLOAD)
    page = enter(browser, address)
    document = tosu.version.documents.first()
    AccessLink.unscoped.filter(purpose=Purpose.DOWNLOAD).update(expires_at=timezone.now() - timedelta(seconds=1))

    for answer in (
        browser.get(address),
        browser.post(address),
        browser.get(page),
        browser.post(f"{page}{document.pk}/"),
    ):
        html = answer.content.decode()
        assert answer.status_code == 410
        assert "ダウンロードの有効期限が切れています。署名依頼元にご連絡ください。" in html
        assert "有効期限切れ文書のダウンロードについてはこちら" in html
        assert "0942-85-3500" in html
        assert tosu.case.title not in html


def test_a_link_that_was_replaced_is_dead(tosu, browser):
    old = tosu.concluded().address(Purpose.DOWNLOAD)
    tosu.address(Purpose.DOWNLOAD)

    assert browser.get(old).status_code == 404


def test_the_certificate_stands_under_the_documents_once_it_is_made(tosu, browser, page):
    assert "合意締結証明書を作っています" in browser.get(page).content.decode()
    at = timezone.now()
    certifying.certify_next(tenant_id=tosu.tenant.pk, at=at, appoint=setup.appoint, trust=setup.trust())
    certificate = tosu.version.documents.get(kind=DocumentKind.CERTIFICATE)

    html = browser.get(page).content.decode()
    answer = browser.post(f"{page}{certificate.pk}/")

    assert "文書3" not in html
    assert "作っています" not in html
    assert unquote(answer["Content-Disposition"]).endswith(f"{tosu.case.number}_合意締結証明書.pdf")
    assert verify(answer.content, trust=setup.trust()).level == "PAdES-B-LTA"


def test_the_documents_count_as_fetched_only_when_one_of_the_set_was(tosu, browser, page, client):
    at = timezone.now()
    certifying.certify_next(tenant_id=tosu.tenant.pk, at=at, appoint=setup.appoint, trust=setup.trust())
    certificate = tosu.version.documents.get(kind=DocumentKind.CERTIFICATE)
    client.force_login(User.objects.get(pk=tosu.drafter.user_id))

    browser.post(f"{page}{certificate.pk}/")
    before = client.get(f"/cases/{tosu.case.pk}/").content.decode()
    browser.post(f"{page}{tosu.version.documents.get(order=1).pk}/")
    after = client.get(f"/cases/{tosu.case.pk}/").content.decode()

    assert ("ダウンロード済み" in before, "ダウンロード済み" in after) == (False, True)
