"""Renew the evidence of concluded documents before the certificate behind their newest document timestamp ends."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max

from accounts import actors, tenancy
from contracts.models import Document, Renewal, Revision
from contracts.reading import mapped, source_of
from contracts.services import evidence
from contracts.services.signatures.fields import expected_fields
from contracts.services.upkeep import chores, planning
from contracts.services.upkeep.proof import proven
from signing import renewal as engine
from signing.growth import Sealed
from signing.results import Report
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from vault import files

TROUBLE = "証拠を延ばす処理が続けられませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"


def renew_next(*, tenant_id: int, at: datetime, authorities: TimestampAuthorities, trust: Trust) -> bool:
    """Renew the document of a municipality that has been due longest; False when there is none."""

    def act(chore: Renewal) -> None:
        _renew(chore, at=at, authorities=authorities, trust=trust)

    def postponed(chore: Renewal, reason: str) -> None:
        # 記録は初めの一度だけ。画面には、いつも残りの理由を示す
        if not chore.failures:
            _record(chore, "document.renewal_postponed", at=at, reason=reason, until=chore.evidence_until)

    rows = Renewal.unscoped.select_related("document__version__contract__case")
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE, postponed=postponed)


def _renew(chore: Renewal, *, at: datetime, authorities: TimestampAuthorities, trust: Trust) -> None:
    """Renew with no row locked, and keep the result if it proves itself longer than before."""
    if chore.evidence_until is None and _is_known_now(chore, at=at, trust=trust):
        return
    with tenancy.acting_for(chore.tenant_id):
        source = source_of(chore.document)
    sealed = engine.renew(source, authorities=authorities, at=at)
    report = _verified(chore.document, trust=trust, tail=sealed.tail)
    with tenancy.acting_for(chore.tenant_id):
        _keep(chore, sealed, report, at=at)


def _is_known_now(chore: Renewal, *, at: datetime, trust: Trust) -> bool:
    """Find out until when a document proves itself, and tell whether that leaves time enough."""
    until = _verified(chore.document, trust=trust).lasts_until
    if until is None or until - settings.RENEWAL_LEAD <= at:
        return False
    with tenancy.acting_for(chore.tenant_id):
        row = chores.held(chore)
        if row is not None:
            _note(row, until, at=at)
    return True


def _verified(document: Document, *, trust: Trust, tail: bytes = b"") -> Report:
    with tenancy.acting_for(document.tenant_id):
        fields, whole = expected_fields(document), mapped(document, tail)
    return proven(whole, fields=fields, trust=trust)


def _keep(chore: Renewal, sealed: Sealed, report: Report, *, at: datetime) -> None:
    """Add the revision, unless the row is in other hands by now; then what was made is thrown away."""
    row = chores.held(chore)
    if row is None:
        return
    document = chore.document
    last = Revision.unscoped.filter(document=document).aggregate(number=Max("number"), size=Max("size"))
    if last["size"] + len(sealed.tail) != sealed.size:
        return
    revision = Revision.unscoped.create(
        tenant_id=row.tenant_id,
        document=document,
        number=last["number"] + 1,
        size=sealed.size,
        sha256=sealed.sha256,
        tail=files.store(tenant_id=row.tenant_id, content=sealed.tail),
        standing=sealed.standing.dump(),
        made_at=sealed.timestamped_at,
        timestamped_at=sealed.timestamped_at,
        archived_at=sealed.archived_at,
        tsa=sealed.tsa,
    )
    before, row.renewed_at = row.evidence_until, at
    _note(row, report.lasts_until, at=at)
    _record(
        chore,
        "document.renewed",
        at=at,
        sha256=revision.sha256,
        tsa=revision.tsa,
        before=before,
        until=row.evidence_until,
    )


def _note(row: Renewal, until: datetime | None, *, at: datetime) -> None:
    row.evidence_until, row.due_at = until, planning.next_try(until, at=at)
    row.failures, row.last_error = 0, ""
    row.save(update_fields=["evidence_until", "due_at", "failures", "last_error", "renewed_at"])


def _record(chore: Renewal, action: str, *, at: datetime, **data: object) -> None:
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}
    evidence.record(
        action,
        chore.document.version.case,
        subject=f"document:{chore.document_id}",
        actor=actors.system(chore.tenant_id),
        at=at,
        title=chore.document.title,
        **told,
    )
