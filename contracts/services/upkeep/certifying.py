"""Make the 合意締結証明書 of a concluded version: print what is recorded, seal it, and keep it beside the contract."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from accounts import actors, tenancy
from contracts import documents
from contracts.models import ConclusionCertificate, ContractVersion, Document, DocumentKind, Revision
from contracts.reading import sha256
from contracts.services import evidence
from contracts.services.signatures import certificates
from contracts.services.signatures.fields import certificate_field, certificate_name
from contracts.services.signatures.sealing import STOPPED, Appoint
from contracts.services.upkeep import chores, facts, planning
from contracts.services.upkeep.proof import proven
from signing import pages
from signing.keys import KnownKey
from signing.refusals import SealingUnavailable
from signing.results import Report
from signing.sealable import sealable
from signing.sealing import Attestation, Sealed
from signing.standing import Standing
from signing.trust import Trust
from vault import files

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
    """Make the certificate of a municipality that has been due longest; False when there is none."""

    def act(chore: ConclusionCertificate) -> None:
        made = _made(chore.version, at=at, appoint=appoint, trust=trust)
        with tenancy.acting_for(tenant_id):
            _keep(chore, made, at=at)

    rows = ConclusionCertificate.unscoped.filter(document__isnull=True)
    rows = rows.select_related("version__contract__case__tenant")
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE)


def _made(version: ContractVersion, *, at: datetime, appoint: Appoint, trust: Trust) -> Made:
    """Print and seal with no row locked; raises Unproven when the result does not pass our own verification."""
    with tenancy.acting_for(version.tenant_id):
        printed = documents.render_certificate(facts.paper_of(version, at=at, trust=trust))
        by = appoint(version.case.tenant.slug, at, stopped=certificates.stopped())
        certificates.note(by.key)
    standing = sealable(printed)
    seal = Attestation(document=certificate_name(version.pk), step=0, name=ATTESTED_BY, email="", at=at)
    sealed = by.sealer.approve(standing, seal, final=True)
    report = proven(printed + sealed.tail, fields=[certificate_field(version.pk)], trust=trust)
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
        mark=made.standing.mark,
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
