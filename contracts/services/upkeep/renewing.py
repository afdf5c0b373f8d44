"""Renew the evidence of concluded documents before the certificate behind their newest document timestamp ends."""

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from accounts import actors, tenancy
from contracts.models import Document, Renewal, Revision
from contracts.reading import RevisionDamaged, mapped, source_of
from contracts.services import evidence
from contracts.services.signatures.fields import expected_fields
from contracts.services.upkeep import chores, planning
from signing import renewal as engine
from signing.growth import Sealed
from signing.refusals import SealingRefused, SealingUnavailable
from signing.results import Report, Verdict
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from signing.verification import verify
from vault import files

logger = logging.getLogger(__name__)
LEVEL = "PAdES-B-LTA"
TROUBLE = "証拠を延ばす処理が続けられませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"


class Unproven(Exception):
    """What came out would not, or no longer, prove itself; nothing of it is kept."""


def renew_next(*, tenant_id: int, at: datetime, authorities: TimestampAuthorities, trust: Trust) -> bool:
    """Renew the document of a municipality that has been due longest; False when there is none.

    A worker may die anywhere in here: the lease runs out, and the next one starts again from the stored bytes.
    """
    with tenancy.acting_for(tenant_id):
        rows = Renewal.unscoped.select_related("document__version__contract__case")
        chore = chores.take(rows, at=at)
    if chore is None:
        return False
    try:
        _renew(chore, at=at, authorities=authorities, trust=trust)
    except (SealingUnavailable, SealingRefused, RevisionDamaged, Unproven) as trouble:
        _put_back(chore, reason=str(trouble), at=at)
    except Exception:  # 何が起きても、仕事を理由とともに戻し、間を置いてやり直す
        logger.exception("renewing document %s", chore.document_id)
        _put_back(chore, reason=TROUBLE, at=at)
    return True


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
    report = verify(whole, trust=trust, expected_fields=fields, required_level=LEVEL)
    if report.verdict is not Verdict.VALID:
        problems = [*report.problems, *(each for seal in report.timestamps for each in seal.problems)]
        raise Unproven(f"検証に合格しません: {'、'.join(dict.fromkeys(problems)) or report.headline}")
    return report


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


def _put_back(chore: Renewal, *, reason: str, at: datetime) -> None:
    """Put the work off; the log tells of the first failure only, the page of all of them."""
    with tenancy.acting_for(chore.tenant_id):
        if chores.put_back(chore, reason=reason, at=at) and not chore.failures:
            _record(chore, "document.renewal_postponed", at=at, reason=reason, until=chore.evidence_until)


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
