"""Hand the concluded documents out: links that live two weeks, receipts that stay."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import documents, messages, permissions
from contracts.models import Consent, ConsentSubmission, ContractVersion, Document, DocumentKind, Purpose, SigningStep
from contracts.reading import content_of
from contracts.services import evidence, links
from signing import excerpt
from vault import files


def send_link(step: SigningStep, *, at: datetime) -> None:
    """Send one party 「電子署名完了のお知らせ」 with a fresh download link; the older one dies (R66, R69)."""
    case = step.version.case
    expires_at = at + case.tenant.download_lifetime
    address = links.issue(
        purpose=Purpose.DOWNLOAD,
        case=case,
        step=step,
        name=step.name,
        email=step.receiver,
        at=at,
        expires_at=expires_at,
    )
    messages.concluded(step, link=address, expires_at=expires_at, at=at)


def hand_elsewhere(step: SigningStep, *, email: str, at: datetime) -> None:
    """Hand the concluded documents to another address of a party; the links to the former one die.

    What was signed keeps the address of its signature.
    """
    step.handed_email = "" if email.casefold() == step.email.casefold() else email
    step.save(update_fields=["handed_email"])
    links.revoke_of_step(step, at=at, purpose=Purpose.DOWNLOAD)
    send_link(step, at=at)


@transaction.atomic
def reissue(version: ContractVersion, *, step: SigningStep, actor: Actor, at: datetime) -> None:
    """Send a party a new download link after the old one has run out (R70)."""
    if not permissions.can_reissue(actor, version):
        raise PermissionDenied("リンクを再発行できるのは、起案者の役割を持つ職員です。")
    send_link(step, at=at)
    evidence.record("download.reissued", version.case, subject=f"step:{step.pk}", actor=actor, at=at, to=step.receiver)


@transaction.atomic
def download(document: Document, *, actor: Actor, at: datetime) -> bytes:
    """Return the concluded bytes of a document and note who took them (R71).

    Raises PermissionDenied before the contract is concluded.
    """
    version = document.version
    if not permissions.can_download(actor, version):
        raise PermissionDenied("締結前の文書はダウンロードできません。")
    content = content_of(document)
    if actor.link_id is not None and document.kind != DocumentKind.CERTIFICATE:
        SigningStep.unscoped.filter(links__pk=actor.link_id, downloaded_at__isnull=True).update(downloaded_at=at)
    evidence.record(
        "document.downloaded",
        version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        sha256=document.revisions.latest("number").sha256,
    )
    return content


@transaction.atomic
def download_version(document: Document, *, number: int, actor: Actor, at: datetime) -> bytes | None:
    """Return a concluded document as it stood at a version, as a report numbers them; None when there is none (R80).

    Raises PermissionDenied before the contract is concluded.
    """
    if not permissions.can_download(actor, document.version):
        raise PermissionDenied("締結前の文書はダウンロードできません。")
    content = excerpt.as_of(content_of(document), number)
    if content is not None:
        evidence.record(
            "document.version_shown",
            document.version.case,
            subject=f"document:{document.pk}",
            actor=actor,
            at=at,
            title=document.title,
            number=number,
        )
    return content


@transaction.atomic
def copy(document: Document, *, actor: Actor, at: datetime) -> bytes:
    """Make a 写し of a concluded document to be printed or passed on: marked on every page, unsigned (R83).

    The document itself is left alone. Raises PermissionDenied before the contract is concluded.
    """
    if not (permissions.can_read(actor) and permissions.can_download(actor, document.version)):
        raise PermissionDenied("写しを作れるのは、締結済みの文書です。")
    content = documents.mark_copy(content_of(document), made_date=timezone.localdate(at))
    evidence.record(
        "document.copied",
        document.version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=document.title,
        of=document.revisions.latest("number").sha256,
    )
    return content


@transaction.atomic
def take_received(document: Document, *, actor: Actor, at: datetime) -> bytes:
    """Return an upload as it came in, before the gate put it in order, and note who took it.

    Raises Refusal when it was frozen as it came in.
    """
    doors.check(permissions.can_read, actor)
    if document.received is None:
        raise Refusal("この文書は、受け取ったままの内容で凍結しています。")
    evidence.record(
        "document.received_taken",
        document.version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=document.title,
        sha256=document.received.sha256,
    )
    return files.read(document.received)


@transaction.atomic
def download_consent(consent: Consent, *, actor: Actor, at: datetime, number: int | None = None) -> bytes:
    """Return 様式第1号 as it was submitted, for the files of either side, and note who took it.

    `number` counts the submissions from 1; without it the last one. Raises Refusal when there is no such submission.
    """
    doors.check(permissions.can_take_consent, actor)
    handed = _submission(consent, number=number)
    content = files.read(handed.paper)
    evidence.record(
        "consent.downloaded",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        number=handed.number,
        sha256=handed.paper.sha256,
    )
    return content


@transaction.atomic
def take_received_consent(consent: Consent, *, actor: Actor, at: datetime, number: int | None = None) -> bytes:
    """Return a mailed 様式第1号 as it came in, before the gate put it in order, and note who took it.

    `number` as for download_consent. Raises Refusal when it is kept as it came in.
    """
    doors.check(permissions.can_read, actor)
    handed = _submission(consent, number=number)
    if handed.received is None:
        raise Refusal("この承諾書は、受け取ったままの内容で保存しています。")
    evidence.record(
        "consent.received_taken",
        consent.case,
        subject=f"consent:{consent.pk}",
        actor=actor,
        at=at,
        number=handed.number,
        sha256=handed.received.sha256,
    )
    return files.read(handed.received)


def _submission(consent: Consent, *, number: int | None) -> ConsentSubmission:
    submissions = consent.submissions.select_related("paper", "received")
    handed: ConsentSubmission | None = submissions.filter(number=number).first() if number else submissions.last()
    if handed is None:
        raise Refusal("承諾書はまだ提出されていません。")
    return handed
