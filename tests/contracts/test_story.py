"""The main job at the service level: from award to a concluded contract, with the real TSA and the real vault."""

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts.models import AccessLink, ArchiveEntry, Consent, ContractVersion, DocumentKind, Purpose, SigningJob
from contracts.reading import content_of
from contracts.services import approving, concluding, consenting, drafting, links, papers, sealing, signing
from contracts.states import CaseState, StepState, VersionState
from signing import setup
from signing.verification import verify
from tests import factories

pytestmark = pytest.mark.django_db


def holder_of(case, purpose):
    link = AccessLink.unscoped.filter(case=case, purpose=purpose, revoked_at__isnull=True).latest("pk")
    return links.holder(link, ip="127.0.0.1")


def answers_of(consent: Consent) -> dict[str, str]:
    contact = {
        "contact_department": "総務部",
        "contact_title": "主任",
        "contact_name": "川﨑　花子",
        "contact_phone": "0942-00-0001",
    }
    return {name: getattr(consent, name) for name in papers.CONSENT_FIELDS} | contact


def seal_all(version: ContractVersion) -> None:
    for job in SigningJob.unscoped.filter(step__version=version, done_at__isnull=True).order_by("pk"):
        assert sealing.seal(job_id=job.pk, tenant_id=job.tenant_id, at=timezone.now(), sealer=setup.sealer()), (
            SigningJob.unscoped.get(pk=job.pk).last_error
        )


def test_a_contract_goes_from_award_to_concluded_with_every_document_at_b_lta():
    tosu = factories.city("tosu")
    at = timezone.now()
    drafter, approver = factories.staff(tosu, Role.DRAFTER), factories.staff(tosu, Role.APPROVER)
    signatory = factories.member(tosu, Role.SIGNATORY, name="向門　慶人")
    case = factories.case(tosu, by=drafter, at=at)
    consent = consenting.invite(case, actor=drafter, at=at)
    consenting.submit(consent, actor=holder_of(case, Purpose.CONSENT), at=at, answers=answers_of(consent))
    consenting.accept(consent, actor=drafter, at=at)
    version = drafting.draft(case, actor=drafter, at=at, signatory=signatory)
    drafting.add_document(
        version,
        actor=drafter,
        at=at,
        kind=DocumentKind.SPECIFICATION,
        title="特記仕様書",
        content=factories.pdf(3),
        filename="仕様書.pdf",
    )
    drafting.submit(version, actor=drafter, at=at)
    approving.approve(version, actor=approver, at=at)

    first, second = version.steps.order_by("order")
    signing.instruct(first, actor=holder_of(case, Purpose.SIGN), at=timezone.now(), authentication="メールのリンク")
    seal_all(version)
    second.refresh_from_db()
    assert second.state == StepState.REQUESTED
    signing.instruct(
        second, actor=factories.actor(signatory, tosu), at=timezone.now(), authentication="パスワードとTOTP"
    )
    seal_all(version)
    version.refresh_from_db()
    assert concluding.conclude(version, at=timezone.now(), trust=setup.trust()), version.waiting_reason

    version.refresh_from_db()
    case.refresh_from_db()
    second.refresh_from_db()
    assert (version.state, case.state) == (VersionState.CONCLUDED, CaseState.CONCLUDED)
    assert version.fixed_at == second.signed_at
    for document in version.documents.all():
        report = verify(content_of(document), trust=setup.trust())
        assert (report.level, len(report.signatures), len(report.timestamps)) == ("PAdES-B-LTA", 2, 1)
    assert ArchiveEntry.unscoped.get(version=version).amount == case.amount
