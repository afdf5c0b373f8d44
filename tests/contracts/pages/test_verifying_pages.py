"""Staff verify what is stored: one document with its versions, or everything at once (R80)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.reading import content_of
from contracts.services.upkeep import certifying
from signing import setup

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(tosu, desk):
    return desk(tosu.tenant, Role.AUDITOR)


def test_the_report_names_the_signature_type_and_offers_each_version(tosu, auditor):
    document = tosu.concluded().version.documents.get(order=1)

    html = auditor.post(reverse("document_verify", args=[document.pk])).content.decode()

    assert html.count("立会人型（事業者署名型）") == 2
    for version in (2, 3, 4):
        assert reverse("document_version", args=[document.pk, version]) in html


def test_a_version_is_handed_out_as_it_stood_and_noted(tosu, auditor):
    document = tosu.concluded().version.documents.get(order=1)

    answer = auditor.post(reverse("document_version", args=[document.pk, 2]))

    assert answer.content == content_of(document, number=1)
    assert Event.objects.filter(action="document.version_shown", subject=f"document:{document.pk}").count() == 1
    assert auditor.post(reverse("document_version", args=[document.pk, 9])).status_code == 404


def test_before_the_conclusion_versions_are_not_handed_out(tosu, auditor):
    document = tosu.signed().version.documents.get(order=1)
    tosu.seal()

    html = auditor.post(reverse("document_verify", args=[document.pk])).content.decode()

    assert "このバージョンを表示" not in html
    assert auditor.post(reverse("document_version", args=[document.pk, 1])).status_code == 403


def test_everything_of_a_version_is_verified_at_once(tosu, auditor):
    tosu.concluded()
    at = timezone.now()
    certifying.certify_next(tenant_id=tosu.tenant.pk, at=at, appoint=setup.appoint, trust=setup.trust())

    html = auditor.post(reverse("version_verify", args=[tosu.version.pk])).content.decode()

    assert "すべての署名が有効です。" in html
    for title in ("工事請負契約書", "特記仕様書", "合意締結証明書"):
        assert title in html
    assert Event.objects.filter(action="document.verified").count() == 3


def test_a_document_that_fails_is_pointed_out(tosu, auditor, monkeypatch):
    tosu.signed().seal()
    monkeypatch.setattr(setup, "trust", lambda: type(setup.authorities().store._trust)(roots=()))

    html = auditor.post(reverse("version_verify", args=[tosu.version.pk])).content.decode()

    assert "合格しない文書があります。" in html


def test_the_case_page_tells_the_signature_type_and_that_the_certificate_is_on_its_way(tosu, auditor):
    tosu.concluded()
    address = reverse("case", args=[tosu.case.pk])

    before = auditor.get(address).content.decode()
    at = timezone.now()
    certifying.certify_next(tenant_id=tosu.tenant.pk, at=at, appoint=setup.appoint, trust=setup.trust())
    after = auditor.get(address).content.decode()

    assert before.count("署名の方式：立会人型（事業者署名型）") == 2
    assert "合意締結証明書を作っています" in before
    assert "合意締結証明書を作っています" not in after
    assert "すべてを検証" in after
