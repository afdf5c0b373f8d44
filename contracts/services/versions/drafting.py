"""Draft a contract: its terms, the documents that are signed with it, and the request for internal approval.

A version is drafted as structured terms. The contract document is made and frozen when the draft is submitted; from
then on nothing of the version changes. A version that ended is taken over by the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import User
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import documents, permissions, rules
from contracts.models import (
    Case,
    Consent,
    Contract,
    ContractKind,
    Contractor,
    ContractVersion,
    Document,
    DocumentKind,
)
from contracts.services import evidence
from contracts.services.editing import Overtaken, check_edit
from contracts.services.mails import shielding
from contracts.services.signatures import ordering, people
from contracts.services.versions import approving, freezing, papers, sheets
from contracts.states import ENDED_VERSIONS, LIVE_VERSIONS, CaseState, ContractState, VersionState
from contracts.terms import check


class DraftRefused(Refusal):
    """The draft cannot be made or changed this way."""


@transaction.atomic
def draft(case: Case, *, actor: Actor, at: datetime, signatory: User) -> ContractVersion:
    """Draft the original contract of a case whose consents are all accepted, or its next version after one ended.

    Raises DraftRefused without the consents (R44), TermRefused for a signatory whose term does not cover the day.
    """
    case = lock(case)
    doors.check(permissions.can_draft, actor, case)
    check_consents(case)
    contract, _ = Contract.unscoped.get_or_create(
        case=case,
        kind=ContractKind.ORIGINAL,
        number=0,
        defaults={"tenant_id": case.tenant_id, "title": case.title, "is_provisional": case.needs_council},
    )
    version = open_version(contract, actor=actor, at=at, signatory=signatory, sheet=papers.first_sheet(case, at=at))
    if case.state == CaseState.REGISTERED:
        case.move_to(CaseState.CONTRACTING)
        case.save(update_fields=["state"])
    return version


def check_consents(case: Case) -> None:
    """Refuse to go on before every firm of the contractor's side has consented, and each address has answered."""
    check_given(ordering.firms_of(case), ordering.accepted_consents(case))


def check_given(firms: Sequence[Contractor], consents: Mapping[int, Consent]) -> None:
    """Refuse to go on with the accepted consents of these firms, mapped by firm, when one lacks or has no address."""
    missing = [firm.full_name for firm in firms if firm.pk not in consents]
    if missing:
        raise DraftRefused(f"電子契約利用承諾書の承諾を確認してから起案してください（{'、'.join(missing)}）。")
    unproven = [consent.authority_email for consent in consents.values() if consent.address_confirmed_at is None]
    if unproven:
        raise DraftRefused(f"変更した宛先の確認が済んでいません（{'、'.join(unproven)}）。確認をお待ちください。")


def open_version(
    contract: Contract, *, actor: Actor, at: datetime, signatory: User, sheet: sheets.Sheet
) -> ContractVersion:
    """Start the next version of a contract; it takes over the sheet and uploads of the one that ended.

    Raises DraftRefused while another version of the case lives, or when the contract is concluded already.
    """
    people.check_signatory(signatory, tenant_id=contract.tenant_id, on=timezone.localdate(at))
    if ContractVersion.unscoped.filter(contract__case=contract.case, state__in=LIVE_VERSIONS).exists():
        raise DraftRefused("この案件の契約はすでに起案されています。")
    if contract.state != ContractState.PREPARING:
        raise DraftRefused("この契約はすでに締結されています。")
    earlier = ContractVersion.unscoped.filter(contract=contract, state__in=ENDED_VERSIONS).order_by("-number").first()
    version: ContractVersion = ContractVersion(
        tenant_id=contract.tenant_id,
        contract=contract,
        number=(earlier.number if earlier else 0) + 1,
        signatory=signatory,
        drafted_by=User.objects.get(email=actor.email),
        drafted_at=at,
    )
    sheets.fill(version, sheets.sheet_of(earlier) if earlier else sheet)
    version.save()
    if earlier:
        freezing.take_over(earlier, version, at=at)
    evidence.record(
        "contract.drafted",
        contract.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        title=contract.label,
        number=version.number,
    )
    return version


@transaction.atomic
def change(
    version: ContractVersion, *, actor: Actor, at: datetime, edit_number: int, sheet: sheets.Sheet, signatory: User
) -> ContractVersion:
    """Save the front sheet of a draft as one person edited it.

    `edit_number` is the one the page was opened with; raises Overtaken when someone saved in between, TermsRefused
    when the terms contradict themselves, DraftRefused for a printed date that has passed (遡及の禁止, R42).
    """
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    check_edit(version, edit_number=edit_number)
    people.check_signatory(signatory, tenant_id=version.tenant_id, on=timezone.localdate(at))
    check_sheet(sheet, today=timezone.localdate(at))
    sheets.fill(version, sheet)
    version.signatory = signatory
    version.edit_number += 1
    version.save()
    evidence.record(
        "contract.edited",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        edit=version.edit_number,
        amount=version.amount,
        terms=version.terms,
    )
    return version


def check_sheet(sheet: sheets.Sheet, *, today: date) -> None:
    """Refuse a front sheet that contradicts itself or is dated before the last possible signature."""
    if sheet.work_ends_date < sheet.work_starts_date:
        raise DraftRefused("工期の終期が始期より前になっています。")
    if sheet.amount <= 0:
        raise DraftRefused("請負代金額は1円以上で入力してください。")
    if sheet.contract_date is not None and sheet.contract_date < today:
        raise DraftRefused(
            "契約日を今日より前にすることはできません。契約は、両者が電子署名を終えたときに確定します"
            "（地方自治法第234条第5項）。今日以後の日にするか、空欄にして最終の電子署名の日としてください。"
        )
    check(sheet.terms, price=sheet.amount, starts=sheet.work_starts_date, ends=sheet.work_ends_date)


def check_change(version: ContractVersion) -> None:
    """Refuse an amendment that changes nothing and a correction that corrects nothing."""
    kind = version.contract.kind
    if kind == ContractKind.CORRECTION and not version.terms.get("corrections"):
        raise DraftRefused("訂正する事項を、誤りと正しい内容の組で入力してください。")
    before = papers.in_force_before(version) if kind == ContractKind.AMENDMENT else None
    if before is None:
        return
    now, then = (replace(sheets.sheet_of(each), contract_date=None, reason="", level="") for each in (version, before))
    if now == then:
        raise DraftRefused("変更する条件がありません。金額、工期などの変わるところを入力してください。")


def check_front(version: ContractVersion, *, today: date) -> None:
    """Refuse a draft whose front sheet does not hold on a day (JST), or lacks the date that the city prints."""
    check_sheet(sheets.sheet_of(version), today=today)
    if version.contract_date is None and rules.date_basis(version.case.rule_set.data) == "printed_date":
        raise DraftRefused("この自治体の規程では、契約書に契約日を印字します。契約日を入力してから依頼してください。")


@transaction.atomic
def add_document(
    version: ContractVersion,
    *,
    actor: Actor,
    at: datetime,
    kind: DocumentKind,
    title: str,
    content: bytes | BinaryIO,
    filename: str,
) -> Document:
    """Add an uploaded PDF to the draft, frozen with its SHA-256; `normalised` says what had to be put in order.

    Raises DraftRefused when the set would grow too large, or the gate's reason when the file may not be signed.
    """
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    try:
        document = freezing.freeze(version, kind=kind, title=title, content=content, at=at, uploaded_name=filename)
    except freezing.FreezingRefused as refused:
        raise DraftRefused(str(refused)) from refused
    evidence.record(
        "document.frozen",
        version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=title,
        sha256=document.revisions.get().sha256,
        **_as_received(document),
    )
    return document


def _as_received(document: Document) -> dict[str, Any]:
    """Tell the log what came in, where it is not what was frozen."""
    if document.received is None:
        return {}
    return {"received_sha256": document.received.sha256, "normalised": document.normalised}


@transaction.atomic
def remove_document(version: ContractVersion, *, document_id: int, actor: Actor, at: datetime) -> None:
    """Take an upload out of the draft; its bytes and its line in the log stay."""
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    document = freezing.current(version).filter(pk=document_id).first()
    if document is None:
        raise DraftRefused("この文書は、すでに起案から外されています。")
    document.removed_at = at
    document.save(update_fields=["removed_at"])
    evidence.record(
        "document.removed",
        version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=document.title,
    )


@transaction.atomic
def move_document(
    version: ContractVersion, *, document_id: int, up: bool, actor: Actor, at: datetime, edit_number: int
) -> None:
    """Move an upload one place up or down; the set is frozen, read and signed in this order.

    `edit_number` is the one the page was opened with; raises Overtaken when someone saved in between, DraftRefused
    when the document is gone or already stands at that end.
    """
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    check_edit(version, edit_number=edit_number)
    document = freezing.move(version, document_id=document_id, up=up)
    if document is None:
        raise DraftRefused("この文書は、これより先へは動かせません。画面を開き直してご確認ください。")
    version.edit_number += 1
    version.save(update_fields=["edit_number"])
    evidence.record(
        "document.moved",
        version.case,
        subject=f"document:{document.pk}",
        actor=actor,
        at=at,
        title=document.title,
        documents=[each.title for each in freezing.current(version)],
    )


@transaction.atomic
def discard(version: ContractVersion, *, actor: Actor, at: datetime) -> ContractVersion:
    """Give a draft up; the next version starts from it."""
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    version.move_to(VersionState.DISCARDED)
    version.save(update_fields=["state"])
    evidence.record("contract.discarded", version.case, subject=f"version:{version.pk}", actor=actor, at=at)
    return version


@transaction.atomic
def submit(
    version: ContractVersion,
    *,
    actor: Actor,
    at: datetime,
    edit_number: int | None = None,
    addresses_checked: bool = False,
) -> ContractVersion:
    """Make and freeze the contract document, write the order of signatures down, and open the approval route.

    `edit_number` is the one of the page that was read, if there was a page. Raises Overtaken when someone edited the
    draft in between, DraftRefused when the sheet no longer holds (its date has passed or is missing) or cannot be
    printed, AddressDoubtful when a signer's address has a serious doubt and nobody says that it was checked.
    """
    version = lock(version)
    doors.check(permissions.can_edit, actor, version)
    if edit_number not in {None, version.edit_number}:
        raise Overtaken(
            "ほかの職員がこの起案を編集しました。画面を開き直し、新しい内容を確かめてから依頼してください。"
        )
    check_front(version, today=timezone.localdate(at))
    check_change(version)
    check_consents(version.case)
    doubts = shielding.check(shielding.of_version(version), checked=addresses_checked)
    ordering.order_signatures(version)
    paper = papers.contract_paper(version)
    try:
        content = documents.render_contract(paper)
    except documents.Unprintable as unprintable:
        raise DraftRefused(str(unprintable)) from unprintable
    title = papers.contract_title(version)
    document = freezing.freeze(version, kind=DocumentKind.CONTRACT, title=title, content=content, at=at)
    version.move_to(VersionState.IN_APPROVAL)
    version.save(update_fields=["state"])
    approving.open_route(version, at=at)
    evidence.record(
        "contract.submitted",
        version.case,
        subject=f"version:{version.pk}",
        actor=actor,
        at=at,
        sha256=document.revisions.get().sha256,
        **({"doubts": doubts} if doubts else {}),
    )
    return version


def last_number(case: Case, kind: ContractKind) -> int:
    """Tell how many amendments (or corrections) a case has so far; one that was dropped does not count."""
    rows = Contract.unscoped.filter(case=case, kind=kind).exclude(state=ContractState.DROPPED)
    return rows.aggregate(n=Max("number"))["n"] or 0
