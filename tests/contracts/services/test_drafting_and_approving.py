"""Drafting needs an accepted consent; what is uploaded is frozen or refused; a second person approves."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Role
from contracts.models import ContractVersion, DocumentKind, Revision
from contracts.reading import RevisionDamaged, content_of
from contracts.services import approving, drafting
from contracts.services.approving import ApprovalRefused
from contracts.services.drafting import DraftRefused
from contracts.states import IllegalMove, VersionState
from notifications.models import Delivery
from tests import factories

pytestmark = pytest.mark.django_db


def drafted(story) -> ContractVersion:
    return drafting.draft(story.case, actor=story.drafter, at=timezone.now(), signatory=story.signatory)


def add(story, version, content: bytes, title: str = "特記仕様書"):
    return drafting.add_document(
        version,
        actor=story.drafter,
        at=timezone.now(),
        kind=DocumentKind.SPECIFICATION,
        title=title,
        content=content,
        filename="仕様書.pdf",
    )


def test_a_contract_is_drafted_only_after_the_consent_is_accepted(tosu):
    tosu.invited()

    with pytest.raises(DraftRefused, match="承諾を確認してから"):
        drafted(tosu)


def test_a_case_has_one_living_version_at_a_time(tosu):
    tosu.accepted()
    drafted(tosu)

    with pytest.raises(DraftRefused, match="すでに起案されています"):
        drafted(tosu)


def test_the_signatory_must_hold_the_role(tosu):
    tosu.accepted()
    clerk = factories.member(tosu.tenant, Role.DRAFTER)

    with pytest.raises(DraftRefused, match="署名の役割を持っていません"):
        drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=clerk)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "空", id="empty"),
        pytest.param(b"PK\x03\x04 not a pdf", "PDF", id="not-a-pdf"),
        pytest.param(b"%PDF-1.7\n truncated", "PDF", id="broken"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_leaves_nothing(tosu, content, reason):
    tosu.accepted()
    version = drafted(tosu)

    with pytest.raises(DraftRefused, match=reason):
        add(tosu, version, content)

    assert version.documents.count() == 1


def test_a_file_over_the_citys_limit_is_refused_with_the_limit_named(tosu):
    tosu.accepted()
    version = drafted(tosu)
    tosu.tenant.max_file_bytes = 1024 * 1024
    tosu.tenant.save()
    version = ContractVersion.unscoped.get(pk=version.pk)

    with pytest.raises(DraftRefused, match="1"):
        add(tosu, version, factories.pdf() + b"%" * 1024 * 1024)


def test_a_set_over_the_citys_limit_is_refused(tosu):
    tosu.accepted()
    version = drafted(tosu)
    tosu.tenant.max_envelope_bytes = 1
    tosu.tenant.save()
    version = ContractVersion.unscoped.get(pk=version.pk)

    with pytest.raises(DraftRefused, match="文書一式の上限"):
        add(tosu, version, factories.pdf())


def test_a_frozen_document_reads_back_byte_for_byte(tosu):
    tosu.accepted()
    content = factories.pdf(3)

    document = add(tosu, drafted(tosu), content)

    assert content_of(document) == content
    assert document.pages == 3


def test_a_revision_can_be_neither_changed_nor_deleted(tosu):
    tosu.accepted()
    drafted(tosu)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Revision.unscoped.update(sha256="0" * 64)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Revision.unscoped.all().delete()


def test_stored_bytes_that_are_not_those_recorded_are_noticed(tosu):
    tosu.accepted()
    first = drafted(tosu).documents.get()
    other = factories.pdf(2)
    add(tosu, tosu.version, other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contracts.reading.files.read", lambda _stored: other)
        with pytest.raises(RevisionDamaged):
            content_of(first)


def test_nothing_is_added_once_the_request_is_out(tosu):
    tosu.sent()

    with pytest.raises(PermissionDenied):
        add(tosu, tosu.version, factories.pdf())


def test_the_drafter_cannot_approve_their_own_draft(tosu):
    tosu.accepted()
    both = factories.staff(tosu.tenant, Role.DRAFTER, Role.APPROVER)
    version = drafting.draft(tosu.case, actor=both, at=timezone.now(), signatory=tosu.signatory)
    drafting.submit(version, actor=both, at=timezone.now())

    with pytest.raises(ApprovalRefused, match="起案した本人は承認できません"):
        approving.approve(version, actor=both, at=timezone.now())

    version.refresh_from_db()
    assert version.state == VersionState.IN_APPROVAL


def test_approving_needs_the_role(tosu):
    tosu.accepted()
    version = drafted(tosu)
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    with pytest.raises(PermissionDenied):
        approving.approve(version, actor=factories.staff(tosu.tenant, Role.AUDITOR), at=timezone.now())


def test_a_returned_draft_carries_its_reason_and_can_be_submitted_again(tosu):
    tosu.accepted()
    version = drafted(tosu)
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    approving.return_(version, actor=tosu.approver, at=timezone.now(), reason="工期をご確認ください。")
    version = drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    assert (version.state, version.return_reason) == (VersionState.IN_APPROVAL, "工期をご確認ください。")


def test_approving_twice_is_refused_and_sends_one_request(tosu):
    tosu.sent()

    with pytest.raises(IllegalMove):
        approving.approve(tosu.version, actor=tosu.approver, at=timezone.now())

    assert Delivery.unscoped.filter(template="contracts/signature_requested").count() == 1
