"""Make the 合意締結証明書 of a concluded version: print what is recorded, seal it, and keep it beside the contract."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from accounts import actors, tenancy
from accounts.refusals import Refusal
from contracts import documents
from contracts.models import ConclusionCertificate, ContractVersion, Document, DocumentKind, Revision
from contracts.reading import RevisionDamaged, sha256
from contracts.services import evidence
from contracts.services.signatures import certificates
from contracts.services.signatures.fields import certificate_field, certificate_name
from contracts.services.signatures.sealing import STOPPED, Appoint
from contracts.services.upkeep import chores, facts, planning
from contracts.services.upkeep.renewing import LEVEL, Unproven
from signing import pages
from signing.keys import KnownKey
from signing.refusals import SealingRefused, SealingUnavailable
from signing.results import Report, Verdict
from signing.sealable import sealable
from signing.sealing import Attestation, Sealed
from signing.standing import Standing
from signing.trust import Trust
from signing.verification import verify
from vault import files

logger = logging.getLogger(__name__)
ATTESTED_BY = "Musubi 証明"
TROUBLE = "合意締結証明書を作れませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"


@dataclass(frozen=True)
class Made:
    """A finished certificate: what was printed, what sealing appended and with which key, and the verdict on both."""

    printed: bytes
    standing: Standing
    sealed: Sealed
    key: KnownKey
    report: Report


def certify_next(*, tenant_id: int, at: datetime, appoint: Appoint, trust: Trust) -> bool:
    """Make the certificate of a municipality that has been due longest; False when there is none.

    A worker may die anywhere in here: the lease runs out, and the next one starts again from the rows.
    """
    with tenancy.acting_for(tenant_id):
        rows = ConclusionCertificate.unscoped.filter(document__isnull=True)
        chore = chores.take(rows.select_related("version__contract__case__tenant"), at=at)
    if chore is None:
        return False
    try:
        made = _made(chore.version, at=at, appoint=appoint, trust=trust)
        with tenancy.acting_for(tenant_id):
            _keep(chore, made, at=at)
    except (SealingUnavailable, SealingRefused, RevisionDamaged, Refusal, Unproven) as trouble:
        _put_back(chore, reason=str(trouble), at=at)
    except Exception:  # 何が起きても、仕事を理由とともに戻し、間を置いてやり直す
        logger.exception("certifying version %s", chore.version_id)
        _put_back(chore, reason=TROUBLE, at=at)
    return True


def _made(version: ContractVersion, *, at: datetime, appoint: Appoint, trust: Trust) -> Made:
    """Print and seal with no row locked; raises Unproven when the result does not pass our own verification."""
    with tenancy.acting_for(version.tenant_id):
        printed = documents.render_certificate(facts.paper_of(version, at=at, trust=trust))
        by = appoint(version.case.tenant.slug, at, stopped=certificates.stopped())
        certificates.note(by.key)
    standing = sealable(printed)
    seal = Attestation(document=certificate_name(version.pk), step=0, name=ATTESTED_BY, email="", at=at)
    sealed = by.sealer.approve(standing, seal, final=True)
    fields = [certificate_field(version.pk)]
    report = verify(printed + sealed.tail, trust=trust, expected_fields=fields, required_level=LEVEL)
    if report.verdict is not Verdict.VALID:
        raise Unproven(f"検証に合格しません: {'、'.join(report.problems) or report.headline}")
    return Made(printed, standing, sealed, by.key, report)


def _keep(chore: ConclusionCertificate, made: Made, *, at: datetime) -> None:
    """Put the certificate beside the set, once; nothing is kept under a key that was stopped meanwhile."""
    row = chores.held(chore)
    if row is None or row.document_id is not None:
        return
    if made.key.public_key in certificates.stopped():
        raise SealingUnavailable(STOPPED)
    row.document = document = _document(chore.version, made, at=at)
    row.failures, row.last_error = 0, ""
    row.save(update_fields=["document", "failures", "last_error"])
    planning.watch(chore.version, {document.pk: made.report.lasts_until}, at=at)
    evidence.record(
        "certificate.made",
        chore.version.case,
        subject=f"document:{document.pk}",
        actor=actors.system(chore.tenant_id),
        at=at,
        title=document.title,
        sha256=made.sealed.sha256,
        tsa=made.sealed.tsa,
    )


def _document(version: ContractVersion, made: Made, *, at: datetime) -> Document:
    places = Document.unscoped.filter(version=version).aggregate(last=Max("order"))
    document = Document.unscoped.create(
        tenant_id=version.tenant_id,
        version=version,
        order=places["last"] + 1,
        kind=DocumentKind.CERTIFICATE,
        title=DocumentKind.CERTIFICATE.label,
        pages=pages.count(made.printed),
    )
    own = {"tenant_id": version.tenant_id, "document": document}
    Revision.unscoped.create(
        **own,
        number=0,
        size=len(made.printed),
        sha256=sha256(made.printed),
        tail=files.store(tenant_id=version.tenant_id, content=made.printed),
        standing=made.standing.dump(),
        made_at=at,
    )
    Revision.unscoped.create(
        **own,
        number=1,
        size=made.sealed.size,
        sha256=made.sealed.sha256,
        tail=files.store(tenant_id=version.tenant_id, content=made.sealed.tail),
        standing=made.sealed.standing.dump(),
        made_at=made.sealed.archived_at,
        timestamped_at=made.sealed.timestamped_at,
        archived_at=made.sealed.archived_at,
        tsa=made.sealed.tsa,
        key_fingerprint=made.key.fingerprint,
    )
    return document  # type: ignore[no-any-return]


def _put_back(chore: ConclusionCertificate, *, reason: str, at: datetime) -> None:
    with tenancy.acting_for(chore.tenant_id):
        chores.put_back(chore, reason=reason, at=at)
