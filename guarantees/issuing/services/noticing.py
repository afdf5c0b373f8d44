"""Hand the key of a certificate to its applicant: on the page of one answer, or as the notice PDF (R104, R108)."""

from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from guarantees.facts import NoticeFacts
from guarantees.issuing import papers, permissions
from guarantees.issuing.services import applying
from guarantees.models.issuing import IssuedCertificate
from vault import fields


@transaction.atomic
def show(certificate: IssuedCertificate, *, actor: Actor, at: datetime) -> NoticeFacts:
    """Say what the notice says, key and all; the showing is in the log."""
    doors.check(permissions.can_take_notice, actor, certificate)
    notice = _notice(certificate)
    applying.record("issuing.key_shown", certificate.application, actor=actor, at=at, number=certificate.number)
    return notice


@transaction.atomic
@sensitive_variables("notice")
def download(certificate: IssuedCertificate, *, actor: Actor, at: datetime) -> bytes:
    """Print the notice PDF; it is made anew each time, so that the key lies nowhere in a file of ours."""
    doors.check(permissions.can_take_notice, actor, certificate)
    notice = _notice(certificate)
    pdf = papers.render_notice(notice, guarantor=papers.Guarantor.of(certificate.tenant))
    applying.record("issuing.notice_taken", certificate.application, actor=actor, at=at, number=certificate.number)
    return pdf


def _notice(certificate: IssuedCertificate) -> NoticeFacts:
    facts = certificate.facts
    return NoticeFacts(
        type=facts["type"],
        number=certificate.number,
        key=key_of(certificate),
        work_title=facts["work_title"],
        orderer=facts["beneficiary"],
        guarantor=facts["guarantor"],
    )


def key_of(certificate: IssuedCertificate) -> str:
    """Open the sealed key."""
    sealed = bytes(certificate.sealed_key)
    return fields.unseal(sealed, tenant_id=certificate.tenant_id, context=certificate.key_context)
