"""受付で整えたファイルは、整える前のものも、その指紋の隣から職員が取り出せる。"""

import hashlib
import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Document, DocumentKind
from contracts.services.consents import consenting
from contracts.services.versions import drafting
from tests import factories
from tests.signing import hostile

pytestmark = pytest.mark.django_db


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def told(story, action: str) -> list[dict]:
    return [
        json.loads(each.data)
        for each in Event.objects.of_thread(story.tenant.pk, story.case.thread).filter(action=action)
    ]


def uploaded(story, content: bytes) -> Document:
    version = drafting.draft(story.accepted().case, actor=story.drafter, at=timezone.now(), signatory=story.signatory)
    return drafting.add_document(
        version,
        actor=story.drafter,
        at=timezone.now(),
        kind=DocumentKind.SPECIFICATION,
        title="特記仕様書",
        content=BytesIO(content),
        filename="tokki.pdf",
    )


def test_an_upload_that_was_put_in_order_is_handed_out_as_it_came(tosu, desk):
    content = hostile.pdf(hostile.opening_script)
    document = uploaded(tosu, content)
    address = reverse("document_received", args=[document.pk])
    client = desk(tosu.tenant, Role.AUDITOR)

    page = client.get(reverse("document", args=[document.pk])).content.decode()
    draft = desk(tosu.tenant, Role.DRAFTER).get(reverse("version_edit", args=[document.version_id])).content.decode()
    handed = client.post(address)

    assert all(address in shown and sha256(content) in shown for shown in (page, draft))
    assert handed.content == content
    assert [each["sha256"] for each in told(tosu, "document.received_taken")] == [sha256(content)]


def test_an_upload_that_was_frozen_as_it_came_has_no_other_file(tosu, desk):
    document = uploaded(tosu, factories.pdf())
    address = reverse("document_received", args=[document.pk])
    client = desk(tosu.tenant, Role.DRAFTER)

    assert address not in client.get(reverse("document", args=[document.pk])).content.decode()
    assert client.post(address).status_code == 409
    assert not told(tosu, "document.received_taken")


def mailed(story, client, content: bytes) -> str:
    """Register a form that came by mail, and return the page that shows it."""
    known = story.answers(consenting.prefilled(story.case, story.case.contractor))
    page = reverse("consent_mailed", args=[story.case.pk, story.case.contractor_id])
    client.post(page, known | {"file": SimpleUploadedFile("様式第1号.pdf", content)})
    shown: str = client.get(reverse("consent_paper", args=[story.consent.pk])).content.decode()
    return shown


def test_a_mailed_consent_that_was_put_in_order_is_handed_out_as_it_came(tosu, desk):
    content = hostile.pdf(hostile.opening_script)
    page = mailed(tosu, desk(tosu.tenant, Role.DRAFTER), content)
    address = reverse("consent_received", args=[tosu.consent.pk])

    kept = desk(tosu.tenant, Role.AUDITOR).post(reverse("consent_download", args=[tosu.consent.pk]))
    handed = desk(tosu.tenant, Role.AUDITOR).post(address, {"number": "1"})

    assert address in page
    assert sha256(content) in page
    assert handed.content == content
    assert b"JavaScript" not in kept.content
    (registered,) = told(tosu, "consent.mailed")
    assert (registered["received_sha256"], registered["paper_sha256"]) == (sha256(content), sha256(kept.content))
    assert [each["sha256"] for each in told(tosu, "consent.received_taken")] == [sha256(content)]


def test_a_mailed_consent_that_was_kept_as_it_came_has_no_other_file(tosu, desk):
    client = desk(tosu.tenant, Role.DRAFTER)
    page = mailed(tosu, client, factories.pdf())
    address = reverse("consent_received", args=[tosu.consent.pk])

    assert address not in page
    assert client.post(address).status_code == 409
