"""The city's signatory signs in the browser; afterwards the documents are read, verified and handed out."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Document, Purpose
from contracts.services.signatures import downloading
from contracts.states import StepState, VersionState
from tests import factories
from tests.contracts.pages.conftest import user_of

pytestmark = pytest.mark.django_db


def actions_of(story) -> list[str]:
    return list(Event.objects.of_thread(story.tenant.pk, story.case.thread).values_list("action", flat=True))


def test_the_signatory_reads_confirms_and_signs(tosu, desk):
    tosu.signed()
    tosu.seal()
    step = tosu.step(2)
    client = desk(tosu.tenant, user=tosu.signatory, second_factor=True)

    reading = client.get(reverse("sign_step", args=[step.pk]))
    second = Document.unscoped.get(version=tosu.version, order=2)
    other = client.get(reverse("sign_step", args=[step.pk]), {"document": second.pk})
    confirm = client.post(reverse("sign_confirm", args=[step.pk]))
    done = client.post(reverse("sign_finish", args=[step.pk]), follow=True)

    assert "完了する" in reading.content.decode()
    assert reverse("document_page", args=[second.pk, 1]) in other.content.decode()
    assert "署名手続きを完了する" in confirm.content.decode()
    assert "署名の指示を受け付けました" in done.content.decode()
    step.refresh_from_db()
    assert (step.state, step.authentication) == (StepState.INSTRUCTED, "パスワードと認証アプリのコード")
    assert tosu.version.state == VersionState.ALL_SIGNED


def test_pressing_the_last_button_twice_signs_once(tosu, desk):
    tosu.signed()
    tosu.seal()
    client = desk(tosu.tenant, user=tosu.signatory, second_factor=True)
    address = reverse("sign_finish", args=[tosu.step(2).pk])

    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 302
    assert actions_of(tosu).count("step.instructed") == 2  # 受注者と市


def test_without_an_authenticator_the_signatory_is_led_to_set_one_up(tosu, desk):
    tosu.signed()
    tosu.seal()
    Authenticator.objects.filter(user=tosu.signatory).delete()
    client = desk(tosu.tenant, user=tosu.signatory)

    led = client.get(reverse("sign_step", args=[tosu.step(2).pk]))
    finished = client.post(reverse("sign_finish", args=[tosu.step(2).pk]))

    assert led["Location"] == reverse("second_factor_due")
    assert finished["Location"] == reverse("second_factor_due")
    assert tosu.step(2).state == StepState.REQUESTED


def test_a_session_without_the_code_is_asked_for_it_and_comes_back(tosu, desk):
    tosu.signed()
    tosu.seal()
    Authenticator.objects.create(user=tosu.signatory, type=Authenticator.Type.TOTP, data={"secret": "x"})
    address = reverse("sign_step", args=[tosu.step(2).pk])

    led = desk(tosu.tenant, user=tosu.signatory).get(address)

    assert led["Location"].startswith(reverse("mfa_reauthenticate"))
    assert "next=%2Fsign%2F" in led["Location"]


def test_another_signatory_and_an_early_one_cannot_sign(tosu, desk):
    tosu.sent()
    early = desk(tosu.tenant, user=tosu.signatory, second_factor=True)
    address = reverse("sign_step", args=[tosu.step(2).pk])

    assert early.get(address).status_code == 409
    assert early.post(reverse("sign_finish", args=[tosu.step(2).pk])).status_code == 409
    other = desk(tosu.tenant, Role.SIGNATORY, second_factor=True)
    assert other.post(reverse("sign_finish", args=[tosu.step(2).pk])).status_code == 409
    assert tosu.step(2).state == StepState.WAITING


def test_the_step_of_the_contractor_is_no_page_of_the_city(tosu, desk):
    tosu.sent()
    client = desk(tosu.tenant, user=tosu.signatory, second_factor=True)

    assert client.get(reverse("sign_step", args=[tosu.step(1).pk])).status_code == 404


def test_progress_is_a_fragment_for_htmx_until_concluded(tosu, desk):
    tosu.concluded()
    client = desk(tosu.tenant, user=tosu.signatory)
    address = reverse("sign_progress", args=[tosu.step(2).pk])

    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "契約が締結されました" in fragment
    assert "<html" not in fragment
    assert "hx-trigger" not in fragment


def test_a_concluded_contract_is_read_verified_and_handed_out(tosu, desk):
    tosu.concluded()
    document = Document.unscoped.filter(version=tosu.version).order_by("order").first()
    client = desk(tosu.tenant, Role.AUDITOR)

    page = client.get(reverse("document", args=[document.pk])).content.decode()
    image = client.get(reverse("document_page", args=[document.pk, 1]))
    report = client.post(reverse("document_verify", args=[document.pk])).content.decode()
    handed = client.post(reverse("document_download", args=[document.pk]))

    assert all(revision.sha256 in page for revision in document.revisions.all())
    assert "請負代金額" in page or "工事" in page
    assert image["Cache-Control"] == "private, max-age=600"
    assert "署名済みであり、すべての署名が有効です。" in report
    assert handed.content.startswith(b"%PDF-")
    assert "filename*=utf-8''" in handed["Content-Disposition"]
    assert {"document.verified", "document.downloaded"} <= set(actions_of(tosu))


def test_a_document_is_not_handed_out_before_the_contract_is_concluded(tosu, desk):
    tosu.sent()
    document = Document.unscoped.filter(version=tosu.version).first()
    client = desk(tosu.tenant, Role.DRAFTER)

    assert "ダウンロード" not in client.get(reverse("document", args=[document.pk])).content.decode()
    assert client.post(reverse("document_download", args=[document.pk])).status_code == 403
    assert client.get(reverse("document_page", args=[document.pk, 99])).status_code == 404


def test_a_fresh_download_link_goes_to_one_party(tosu, desk):
    tosu.concluded()
    client = desk(tosu.tenant, user=user_of(tosu.drafter))
    address = reverse("link_reissue", args=[tosu.version.pk, tosu.step(1).pk])

    assert address in client.get(reverse("case", args=[tosu.case.pk])).content.decode()
    assert client.post(address, follow=True).status_code == 200
    assert "download.reissued" in actions_of(tosu)
    assert desk(tosu.tenant, Role.AUDITOR).post(address).status_code == 403


def test_the_case_page_tells_who_has_not_fetched_the_documents(tosu, desk):
    tosu.concluded()
    document = Document.unscoped.filter(version=tosu.version).first()
    client = desk(tosu.tenant, Role.DRAFTER)
    page = reverse("case", args=[tosu.case.pk])
    assert client.get(page).content.decode().count("まだです") == 2

    downloading.download(document, actor=tosu.holder(Purpose.DOWNLOAD), at=timezone.now())

    text = client.get(page).content.decode()
    assert text.count("まだです") == 1
    assert "ダウンロード済み" in text


def test_a_document_of_another_city_is_not_there(tosu, stranger):
    tosu.concluded()
    document = Document.unscoped.filter(version=tosu.version).first()

    for name in ("document_download", "document_verify"):
        assert stranger.post(reverse(name, args=[document.pk])).status_code == 404
    assert stranger.get(reverse("document_page", args=[document.pk, 1])).status_code == 404


def test_a_staff_member_without_a_city_sees_no_page(client):
    client.force_login(factories.User.objects.create_user(email="nobody@example.jp", name="無所属"))

    refused = client.get(reverse("case_list"))

    assert (refused.status_code, b"<table" in refused.content) == (403, False)
