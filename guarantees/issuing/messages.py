"""Who is told what by a guarantor. No mail carries a key (R124)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Organization
from contracts.messages import moment
from guarantees.models.issuing import Application, Correspondent, IssuedCertificate
from notifications import outbox


def _tell(
    guarantor: Organization,
    template: str,
    *,
    key: str,
    to: str,
    at: datetime,
    link: str | None = None,
    thread: str = "",
    **context: Any,
) -> None:
    """Queue one mail in the guarantor's name; nobody is told nothing."""
    if to:
        outbox.enqueue(
            tenant=guarantor,
            key=f"issuing/{template}:{key}:{to}",
            to=to,
            template=f"guarantees/{template}",
            context=context,
            link=link,
            thread=thread,
            at=at,
        )


def _about(application: Application) -> dict[str, Any]:
    return {"type": application.get_type_display(), "work_title": application.work_title}


def _desk(name: str, pk: int) -> str:
    return settings.BASE_URL + reverse(name, args=[pk])


def entry(correspondent: Correspondent, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Send a correspondent the way in."""
    _tell(
        correspondent.tenant,
        "issuing_entry",
        key=f"{correspondent.pk}:{at.isoformat()}",
        to=correspondent.email,
        at=at,
        link=link,
        thread=f"correspondent:{correspondent.pk}",
        recipient_name=correspondent.name,
        side=correspondent.side,
        expires=moment(expires_at),
    )


def applied(application: Application, *, at: datetime) -> None:
    """Tell the guarantor that an application has come."""
    _tell(
        application.tenant,
        "issuing_applied",
        key=f"{application.pk}",
        to=application.tenant.help_email,
        at=at,
        link=_desk("issuing_application", application.pk),
        thread=f"issuing:{application.pk}",
        applicant=application.applicant.name,
        orderer=application.orderer.name,
        is_change=application.changes_id is not None,
        **_about(application),
    )


def declined(application: Application, *, at: datetime) -> None:
    """Tell the applicant why the guarantor does not take it on."""
    _tell(
        application.tenant,
        "issuing_declined",
        key=f"{application.pk}",
        to=application.applicant.email,
        at=at,
        thread=f"issuing:{application.pk}",
        recipient_name=application.applicant.name,
        reason=application.reason,
        **_about(application),
    )


def registered(certificate: IssuedCertificate, *, link: str, expires_at: datetime, at: datetime) -> None:
    """Tell the applicant that the certificate is there (R101: 電子証書・認証キー登録のお知らせ)."""
    application = certificate.application
    _tell(
        certificate.tenant,
        "issuing_registered",
        key=f"{certificate.pk}",
        to=application.applicant.email,
        at=at,
        link=link,
        thread=f"issuing:{application.pk}",
        recipient_name=application.applicant.name,
        number=certificate.number,
        expires=moment(expires_at),
        orderer=application.orderer.name,
        is_change=application.changes_id is not None,
        **_about(application),
    )


def cancelled(certificate: IssuedCertificate, *, at: datetime) -> None:
    """Tell the applicant and the orderer that a guarantee has ended before its time."""
    application = certificate.application
    for told in (application.applicant, application.orderer):
        _tell(
            certificate.tenant,
            "issuing_cancelled",
            key=f"{certificate.pk}:{told.pk}",
            to=told.email,
            at=at,
            thread=f"issuing:{application.pk}",
            recipient_name=told.name,
            number=certificate.number,
            reason=certificate.reason,
            **_about(application),
        )


def locked(orderer: Correspondent, *, number: str, at: datetime) -> None:
    """Tell the guarantor and the orderer that wrong keys have stopped the viewing of a number."""
    guarantor = orderer.tenant
    for to, name in ((guarantor.help_email, guarantor.name), (orderer.email, orderer.name)):
        _tell(
            guarantor,
            "issuing_locked",
            key=f"{orderer.pk}:{number}:{at.isoformat()}:{name}",
            to=to,
            at=at,
            thread=f"correspondent:{orderer.pk}",
            recipient_name=name,
            orderer=orderer.name,
            number=number,
            when=moment(at),
            is_orderer=name == orderer.name,
        )
