"""Decide on an application, and write the certificate that a worker then prints and seals."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import doorbell
from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from contracts import passcodes
from guarantees import tasks
from guarantees.facts import CertificateFacts
from guarantees.issuing import messages, permissions
from guarantees.issuing.refusals import IssuingRefused
from guarantees.issuing.services import applying
from guarantees.models import GuaranteeType
from guarantees.models.issuing import Application, IssuedCertificate
from guarantees.states import ApplicationState, IssueState
from vault import fields

KEY_LENGTH = 10  # お知らせの見本と同じ。22 種の字で、およそ 44 ビット
REASON_LENGTH = 500
KINDS = {GuaranteeType.CONTRACT: "1", GuaranteeType.ADVANCE: "2", GuaranteeType.INTERIM_ADVANCE: "3"}


@transaction.atomic
def issue(application: Application, *, actor: Actor, at: datetime) -> IssuedCertificate:
    """Take an application on: number and key now, the sealed certificate and the applicant's mail from a worker."""
    application = lock(application, "applicant", "orderer", "tenant", "changes")
    doors.check(permissions.can_underwrite, actor, application)
    _check_standing(application)
    _decide(application, ApplicationState.ISSUED, actor=actor, at=at)
    certificate = _written(application, number=_next_number(application, at=at), at=at)
    doorbell.ring(tasks.issue)
    applying.record("issuing.issued", application, actor=actor, at=at, number=certificate.number)
    return certificate


def _check_standing(application: Application) -> None:
    before = application.changes
    if before is not None and before.state != IssueState.CURRENT:
        raise IssuingRefused("変更するもとの証書が、すでに有効ではありません。申込みをお引き受けできません。")


def _written(application: Application, *, number: str, at: datetime) -> IssuedCertificate:
    certificate = IssuedCertificate(
        tenant_id=application.tenant_id,
        application=application,
        replaces=application.changes,
        number=number,
        facts=_facts(application, number=number, at=at).to_json(),
        issued_at=at,
        due_at=at,
    )
    key = "".join(secrets.choice(passcodes.LETTERS) for _ in range(KEY_LENGTH))
    certificate.sealed_key = fields.seal(key, tenant_id=certificate.tenant_id, context=certificate.key_context)
    certificate.save(force_insert=True)
    return certificate


def _next_number(application: Application, *, at: datetime) -> str:
    """Count on within the fiscal year and the type: 2 + 1 + 7 digits."""
    # 同時に発行しても同じ番号を二度使わないよう、保証機関の行に錠をかけて順番を待つ
    lock(Organization.objects.get(pk=application.tenant_id))
    today = timezone.localdate(at)
    fiscal_year = today.year - (today.month < 4)
    prefix = f"{fiscal_year % 100:02}{KINDS[GuaranteeType(application.type)]}"
    used = IssuedCertificate.unscoped.filter(tenant_id=application.tenant_id, number__startswith=prefix)
    last: str | None = used.aggregate(last=Max("number"))["last"]
    return f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:07}"


def _facts(application: Application, *, number: str, at: datetime) -> CertificateFacts:
    guarantor, today = application.tenant, timezone.localdate(at)
    return CertificateFacts(
        title=f"保証証書（{application.get_type_display()}）",
        changed=application.changes_id is not None,
        type=application.type,
        issued_date=today,
        number=number,
        applicant_name=application.applicant.name,
        applicant_address=application.applicant.address,
        beneficiary=application.orderer.name,
        amount=application.amount,
        guaranteed_from=min(today, application.work_from),
        guaranteed_until=application.work_until,
        work_from=application.work_from,
        work_until=application.work_until,
        work_title=application.work_title,
        price=application.price,
        base_price=application.base_price,
        deposit_bank=application.deposit_bank or None,
        guarantor=guarantor.name,
        branch=guarantor.help_desk or None,
    )


@transaction.atomic
def decline(application: Application, *, actor: Actor, at: datetime, reason: str) -> Application:
    """Refuse an application with the reason the applicant is told."""
    application = lock(application, "applicant", "tenant")
    doors.check(permissions.can_underwrite, actor, application)
    application.reason = reason.strip()[:REASON_LENGTH]
    if not application.reason:
        raise IssuingRefused("お引き受けできない理由を入力してください。")
    _decide(application, ApplicationState.DECLINED, actor=actor, at=at)
    messages.declined(application, at=at)
    applying.record("issuing.declined", application, actor=actor, at=at, reason=application.reason)
    return application


def _decide(application: Application, to: ApplicationState, *, actor: Actor, at: datetime) -> None:
    application.move_to(to)
    application.decided_by_id, application.decided_at = actor.user_id, at
    application.save(update_fields=["state", "decided_by", "decided_at", "reason"])


@transaction.atomic
def cancel(certificate: IssuedCertificate, *, actor: Actor, at: datetime, reason: str) -> IssuedCertificate:
    """End a certificate before its time (解約); the orderer who views it sees that, and is told."""
    certificate = lock(certificate, "application__applicant", "application__orderer", "tenant")
    doors.check(permissions.can_cancel, actor, certificate)
    certificate.reason = reason.strip()[:REASON_LENGTH]
    if not certificate.reason:
        raise IssuingRefused("解約の理由を入力してください。")
    certificate.move_to(IssueState.CANCELLED)
    certificate.ended_at = at
    certificate.save(update_fields=["state", "ended_at", "reason"])
    messages.cancelled(certificate, at=at)
    applying.record(
        "issuing.cancelled",
        certificate.application,
        actor=actor,
        at=at,
        number=certificate.number,
        reason=certificate.reason,
    )
    return certificate
