"""受け取ったファイルが整えられたとき、また、すでに署名があったとき、起案に何が残るか。"""

import hashlib
import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.utils import timezone

from accounts.models import Organization
from audit.models import Event
from contracts.models import ContractVersion, Document, DocumentKind
from contracts.reading import content_of
from contracts.services.versions import drafting
from contracts.services.versions.drafting import DraftRefused
from contracts.states import VersionState
from signing import setup
from signing.sealing import Approval
from tests import factories
from tests.signing import handwritten, hostile
from tests.stories import Story
from vault import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(tosu: Story) -> ContractVersion:
    return drafting.draft(tosu.accepted().case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)


def add(version: ContractVersion, tosu: Story, content: bytes) -> Document:
    return drafting.add_document(
        version,
        actor=tosu.drafter,
        at=timezone.now(),
        kind=DocumentKind.SPECIFICATION,
        title="特記仕様書",
        content=BytesIO(content),
        filename="tokki.pdf",
    )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signed_elsewhere() -> bytes:
    """Conclude another document with the key that everybody here trusts."""
    by = Approval(
        document="elsewhere", step=0, name="隣　市長", email="a@tonari.lg.jp", at=datetime(2026, 3, 5, tzinfo=UTC)
    )
    content = factories.pdf()
    return content + setup.sealer().approve(content, by, final=True).tail


def test_an_ordinary_upload_is_frozen_as_it_came(tosu, drafted):
    content = factories.pdf()

    document = add(drafted, tosu, content)

    assert (document.received, document.normalised) == (None, [])
    assert files.read(document.revisions.get().tail) == content


def test_what_was_put_in_order_is_kept_both_as_received_and_as_frozen(tosu, drafted):
    content = hostile.pdf(hostile.opening_script)

    document = add(drafted, tosu, content)

    frozen = document.revisions.get()
    kept = files.read(frozen.tail)
    assert files.read(document.received) == content
    assert b"JavaScript" not in kept
    assert (frozen.sha256, frozen.size) == (sha256(kept), len(kept))
    assert "スクリプト" in document.normalised[0]


def test_the_log_tells_both_fingerprints_and_what_was_done(tosu, drafted):
    content = hostile.pdf(hostile.field)

    document = add(drafted, tosu, content)

    event = Event.objects.of_thread(tosu.tenant.pk, tosu.case.thread).filter(action="document.frozen")[0]
    told = json.loads(event.data)
    assert told["received_sha256"] == sha256(content)
    assert told["sha256"] == document.revisions.get().sha256
    assert told["normalised"] == document.normalised


def test_the_next_version_takes_over_what_was_received_too(tosu, drafted):
    content = handwritten.replaced()
    add(drafted, tosu, content)
    drafting.discard(drafted, actor=tosu.drafter, at=timezone.now())

    following = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)

    (document,) = Document.unscoped.filter(version=following)
    assert files.read(document.received) == content
    assert document.normalised


def test_a_signed_upload_is_refused_where_the_city_does_not_accept_it(tosu, drafted):
    with pytest.raises(DraftRefused, match="電子署名のあるPDFは受け付けられません"):
        add(drafted, tosu, signed_elsewhere())


def test_a_signed_upload_is_signed_over_and_concluded_where_the_city_accepts_it(tosu, drafted):
    Organization.objects.filter(pk=tosu.tenant.pk).update(accepts_signed=True)
    content = signed_elsewhere()

    document = add(ContractVersion.unscoped.get(pk=drafted.pk), tosu, content)
    tosu.send(drafted).sign_all()

    assert tosu.version.state == VersionState.CONCLUDED
    assert content_of(document).startswith(content)
    assert document.signed_fields == ["FIELD_elsewhere_0"]


def test_a_signed_upload_that_was_altered_is_refused_all_the_same(tosu, drafted):
    Organization.objects.filter(pk=tosu.tenant.pk).update(accepts_signed=True)
    content = bytearray(signed_elsewhere())
    at = content.index(b"/MediaBox")
    content[at : at + 9] = b"/CropBoxx"

    with pytest.raises(DraftRefused, match="ください"):
        add(ContractVersion.unscoped.get(pk=drafted.pk), tosu, bytes(content))
