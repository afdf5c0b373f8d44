"""受付で整えたファイルは、整える前のものも、その指紋の隣から職員が取り出せる。"""

import hashlib
import json
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Document, DocumentKind
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
