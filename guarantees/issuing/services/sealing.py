"""Print a certificate, seal it in the guarantor's own name, verify it, and only then announce it."""

from dataclasses import dataclass
from datetime import datetime

from accounts import actors, tenancy
from accounts.models import Organization
from contracts.services.signatures import certificates
from contracts.services.signatures.sealing import STOPPED, Appoint
from contracts.services.upkeep import chores
from contracts.services.upkeep.proof import proven
from guarantees.facts import CertificateFacts
from guarantees.issuing import messages, papers
from guarantees.issuing.services import applying, entering
from guarantees.models.issuing import IssuedCertificate
from guarantees.states import IssueState
from signing.keys import KnownKey
from signing.refusals import SealingUnavailable
from signing.sealing import Approval
from signing.trust import Trust
from vault import files

NO_KEY = "この保証機関の署名の鍵が設定されていません。鍵の一覧に加えると、自動で続けます。"
TROUBLE = "保証証書を作れませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"


class Issue(Approval):
    """The guarantor's seal on its certificate: that it is the one who issued it."""

    @property
    def reason(self) -> str:
        """Say who issued the certificate, and when."""
        return f"{self.name} が{self.moment}にこの保証証書を発行しました"


@dataclass(frozen=True)
class _Made:
    pdf: bytes
    key: KnownKey
    sealed_at: datetime | None


def seal_next(*, tenant_id: int, at: datetime, appoint: Appoint, trust: Trust) -> bool:
    """Finish the certificate of a guarantor that has been due longest; False when there is none."""

    def act(chore: IssuedCertificate) -> None:
        made = _made(chore, at=at, appoint=appoint, trust=trust)
        with tenancy.acting_for(tenant_id):
            _keep(chore, made, at=at)

    rows = IssuedCertificate.unscoped.filter(pdf__isnull=True).select_related("tenant")
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE)


def field_name(certificate: IssuedCertificate) -> str:
    """Name the document in its signature field."""
    return f"GUARANTEE-{certificate.number}"


def _made(certificate: IssuedCertificate, *, at: datetime, appoint: Appoint, trust: Trust) -> _Made:
    """Print and seal with no row locked; raises Unproven when the result does not pass our own verification."""
    guarantor = certificate.tenant
    with tenancy.acting_for(guarantor.pk):
        by = appoint(guarantor.slug, at, stopped=certificates.stopped())
        _own(by.key, guarantor)
        certificates.note(by.key)
    printed = papers.render_certificate(
        CertificateFacts.from_json(certificate.facts), guarantor=papers.Guarantor.of(guarantor), at=at
    )
    seal = Issue(document=field_name(certificate), step=0, name=guarantor.name, email="", at=at)
    sealed = by.sealer.approve(printed, seal, final=True)
    pdf = printed + sealed.tail
    proven(pdf, fields=[seal.field_name], trust=trust)
    return _Made(pdf, by.key, sealed.archived_at)


def _own(key: KnownKey, guarantor: Organization) -> None:
    # 市と共用の鍵では、だれが発行した証書か分からない
    if guarantor.slug not in key.owners:
        raise SealingUnavailable(NO_KEY)


def _keep(chore: IssuedCertificate, made: _Made, *, at: datetime) -> None:
    """Keep the sealed certificate, once, and announce it; nothing is kept under a key that was stopped meanwhile."""
    row = chores.held(chore)
    if row is None or row.pdf_id is not None:
        return
    if made.key.public_key in certificates.stopped():
        raise SealingUnavailable(STOPPED)
    row.pdf = files.store(tenant_id=row.tenant_id, content=made.pdf)
    row.sealed_at, row.key_fingerprint = made.sealed_at, made.key.fingerprint
    row.failures, row.last_error = 0, ""
    row.move_to(IssueState.CURRENT)
    row.save(update_fields=["pdf", "sealed_at", "key_fingerprint", "failures", "last_error", "state"])
    _replace(row.replaces)
    link = entering.make(row.application.applicant, at=at)
    messages.registered(row, link=link, expires_at=at + entering.LIFETIME, at=at)
    told = {"number": row.number, "sha256": row.pdf.sha256}
    applying.record("issuing.sealed", row.application, actor=actors.system(row.tenant_id), at=at, **told)


def _replace(before: IssuedCertificate | None) -> None:
    if before is not None and before.state == IssueState.CURRENT:
        before.move_to(IssueState.CHANGED)
        before.save(update_fields=["state"])
