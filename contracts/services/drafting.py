"""Draft a contract: the generated contract document, uploaded documents, and the request for internal approval."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Sum

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Membership, Role, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import documents, messages, permissions
from contracts.models import (
    Case,
    Consent,
    Contract,
    ContractVersion,
    Document,
    DocumentKind,
    Party,
    Revision,
    SigningStep,
)
from contracts.services import evidence, papers
from contracts.states import CaseState, ConsentState, VersionState
from signing import intake
from vault import files


class DraftRefused(Refusal):
    """The draft cannot be made or changed this way."""


@transaction.atomic
def draft(case: Case, *, actor: Actor, at: datetime, signatory: User) -> ContractVersion:
    """Draft the contract of a case whose consent is accepted: version, signing order and the contract document.

    Raises DraftRefused without an accepted consent (R44) or while another version lives.
    """
    case = lock(case)
    doors.check(permissions.can_draft, actor, case)
    consent = Consent.unscoped.filter(case=case, state=ConsentState.ACCEPTED).first()
    if consent is None:
        raise DraftRefused("電子契約利用承諾書の承諾を確認してから起案してください。")
    contract, _ = Contract.unscoped.get_or_create(
        case=case, defaults={"tenant_id": case.tenant_id, "title": case.title}
    )
    if ContractVersion.unscoped.filter(contract=contract).exclude(state__in=_ENDED).exists():
        raise DraftRefused("この案件の契約はすでに起案されています。")
    if not Membership.unscoped.filter(tenant_id=case.tenant_id, user=signatory, role=Role.SIGNATORY).exists():
        raise DraftRefused("署名者に選んだ職員は署名の役割を持っていません。")
    last = ContractVersion.unscoped.filter(contract=contract).aggregate(n=Max("number"))["n"] or 0
    version: ContractVersion = ContractVersion.unscoped.create(
        tenant_id=case.tenant_id,
        contract=contract,
        number=last + 1,
        amount=case.amount,
        drafted_by_id=actor.user_id,
        drafted_at=at,
    )
    _order_signatures(version, consent=consent, signatory=signatory)
    city_step = version.steps.get(party=Party.CITY)
    pdf = documents.render_contract(papers.contract_paper(case, consent=consent, city_step=city_step))
    _freeze(version, kind=DocumentKind.CONTRACT, title=papers.contract_title(case), content=pdf, at=at)
    if case.state == CaseState.REGISTERED:
        case.move_to(CaseState.CONTRACTING)
        case.save(update_fields=["state"])
    evidence.record(
        "contract.drafted", case, subject=f"version:{version.pk}", actor=actor, at=at, number=version.number
    )
    return version


_ENDED = (VersionState.DECLINED, VersionState.RECALLED, VersionState.SWITCHED_TO_PAPER)


def _order_signatures(version: ContractVersion, *, consent: Consent, signatory: User) -> None:
    title = Membership.unscoped.filter(tenant_id=version.tenant_id, user=signatory, role=Role.SIGNATORY).values_list(
        "title", flat=True
    )
    SigningStep.unscoped.create(
        tenant_id=version.tenant_id,
        version=version,
        order=1,
        party=Party.CONTRACTOR,
        name=consent.authority_name,
        title=consent.authority_title,
        email=consent.authority_email,
    )
    SigningStep.unscoped.create(
        tenant_id=version.tenant_id,
        version=version,
        order=2,
        party=Party.CITY,
        name=signatory.name,
        title=title.first() or "",
        email=signatory.email,
        user=signatory,
    )


def _freeze(
    version: ContractVersion, *, kind: DocumentKind, title: str, content: bytes, at: datetime, uploaded_name: str = ""
) -> Document:
    """Take a PDF through the intake gate and keep it, never to be rewritten.

    Raises intake.Refused with the reason when it may not be signed.
    """
    accepted = intake.examine(content, max_bytes=version.tenant.max_file_bytes)
    last = Document.unscoped.filter(version=version).aggregate(n=Max("order"))["n"] or 0
    document: Document = Document.unscoped.create(
        tenant_id=version.tenant_id,
        version=version,
        order=last + 1,
        kind=kind,
        title=title,
        pages=accepted.pages,
        uploaded_name=uploaded_name,
        warnings=list(accepted.warnings),
    )
    Revision.unscoped.create(
        tenant_id=version.tenant_id,
        document=document,
        number=0,
        size=len(content),
        sha256=accepted.sha256,
        tail=files.store(tenant_id=version.tenant_id, content=content),
        made_at=at,
    )
    return document


@transaction.atomic
def add_document(
    version: ContractVersion,
    *,
    actor: Actor,
    at: datetime,
    kind: DocumentKind,
    title: str,
    content: bytes,
    filename: str,
) -> Document:
    """Add an uploaded PDF to the draft, frozen with its SHA-256.

    Raises DraftRefused when the set would grow too large, or the gate's reason when the file may not be signed.
    """
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    frozen = Revision.unscoped.filter(document__version=version, number=0).aggregate(total=Sum("size"))["total"] or 0
    limit = version.tenant.max_envelope_bytes
    if frozen + len(content) > limit:
        raise DraftRefused(
            f"文書一式の上限（{limit // (1024 * 1024)}MB）を超えます。ファイルを分けるか小さくしてください。"
        )
    try:
        document = _freeze(version, kind=kind, title=title, content=content, at=at, uploaded_name=filename)
    except intake.Refused as refused:
        raise DraftRefused(str(refused)) from refused
    evidence.record(
        "document.frozen",
        version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=title,
        sha256=document.revisions.get().sha256,
    )
    return document


@transaction.atomic
def submit(version: ContractVersion, *, actor: Actor, at: datetime) -> ContractVersion:
    """Ask a second person inside the city to approve the draft."""
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    version.move_to(VersionState.IN_APPROVAL)
    version.save(update_fields=["state"])
    messages.approval_requested(version, at=at)
    evidence.record("contract.submitted", version.case, subject=f"version:{version.pk}", actor=actor, at=at)
    return version
