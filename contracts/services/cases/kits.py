"""緊急時の紙の一式: a case's papers for the day when the electronic way is closed and its deadline is not (idea 20).

Taking a kit changes nothing. When the papers are used, registering.switch_to_paper voids the consents and requests.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import documents, permissions, rules
from contracts.documents import kits
from contracts.law.stamp_duty import Duty, stamp_duty
from contracts.models import Case, Consent, ContractKind, Contractor, ContractVersion, DocumentKind
from contracts.rules import RuleError
from contracts.services import evidence
from contracts.services.signatures import ending, ordering
from contracts.services.versions import papers, sheets
from contracts.states import LIVE_VERSIONS, ConsentState

# 一つの頁が待てる間に作れる数
MOST_AT_ONCE = 10
SUBMITTED = {ConsentState.SUBMITTED, ConsentState.ACCEPTED}


class KitRefused(Refusal):
    """There is no kit for this case."""


@transaction.atomic
def take(case: Case, *, actor: Actor, at: datetime) -> bytes:
    """Hand out a case's kit as PDF, as its values stand; the log tells who took it.

    Raises KitRefused where the rules know no e-contract, EndingRefused while a signature is being made, Unprintable.
    """
    doors.check(permissions.can_switch_to_paper, actor, case)
    if not case.is_eligible:
        raise KitRefused("電子契約の対象外の案件です。紙の契約書は、いつもの書式で作成してください。")
    for version in ContractVersion.unscoped.filter(contract__case=case, state__in=LIVE_VERSIONS):
        ending.check_no_signature_in_hand(version)
    try:
        paper = kit_of(case, at=at)
    except RuleError as unsaid:
        raise KitRefused(f"{unsaid}規程を直してから、取り出してください。") from unsaid
    printed = kits.render_kit(paper)
    evidence.record("case.kit_taken", case, subject=f"case:{case.pk}", actor=actor, at=at)
    return printed


@transaction.atomic
def take_all(cases: Sequence[Case], *, actor: Actor, at: datetime) -> bytes:
    """Hand out the kits of several cases as one PDF, in their order: all of them, or none.

    Raises KitRefused, which names the case that stands against it.
    """
    if not 0 < len(cases) <= MOST_AT_ONCE:
        raise KitRefused(f"案件を1件から{MOST_AT_ONCE}件まで選んでください。")
    return kits.joined([_taken(case, actor=actor, at=at) for case in cases])


def _taken(case: Case, *, actor: Actor, at: datetime) -> bytes:
    try:
        return take(case, actor=actor, at=at)
    except Refusal as refused:
        raise KitRefused(f"{case.number}：{refused}この案件の印を外せば、ほかの一式を取り出せます。") from refused


def kit_of(case: Case, *, at: datetime) -> kits.KitPaper:
    """Gather the values of a case's kit."""
    city, firms = case.tenant, ordering.firms_of(case)
    contract, duty = _contract(case, firms, at=at)
    return kits.KitPaper(
        prepared_at=at,
        city=city.name,
        desk=case.department.name,
        desk_phone=case.department.phone or city.help_phone,
        deadline_date=case.conclusion_deadline_date,
        deadline_working=case.deadline_working,
        firms=tuple(kits.Firm(name=firm.full_name, signer=_signer(firm), phone=firm.phone) for firm in firms),
        attached=attached(case),
        duty_reason=f"{duty.table}「{duty.bracket}」",
        advice=tuple(kits.Advice(**entry) for entry in rules.text(case.rule_set.data, "outage")),
        contract=contract,
        consents=tuple(_blank_consent(case, firm) for firm in owing(case)),
    )


def newest_version(case: Case) -> ContractVersion | None:
    """Find the newest version of the original contract, which holds what was drafted so far."""
    rows = ContractVersion.unscoped.filter(contract__case=case, contract__kind=ContractKind.ORIGINAL)
    return rows.select_related("tenant", "signatory").order_by("-number").first()  # type: ignore[no-any-return]


def attached(case: Case) -> tuple[str, ...]:
    """Name the documents beside the contract that are to be printed as well, in their order."""
    version = newest_version(case)
    if version is None:
        return ()
    rows = version.documents.exclude(kind__in=[DocumentKind.CONTRACT, DocumentKind.CERTIFICATE]).order_by("order")
    return tuple(rows.values_list("title", flat=True))


def owing(case: Case) -> list[Contractor]:
    """List the firms whose consent form has not come yet."""
    rows = Consent.unscoped.filter(case=case, state__in=SUBMITTED)
    given = set(rows.values_list("contractor_id", flat=True))
    return [firm for firm in ordering.firms_of(case) if firm.pk not in given]


def _contract(case: Case, firms: list[Contractor], *, at: datetime) -> tuple[documents.ContractPaper, Duty]:
    data, version = case.rule_set.data, newest_version(case)
    sheet = sheets.sheet_of(version) if version else papers.first_sheet(case, at=at)
    clauses = rules.clause_set_named(data, sheet.clause_set)
    untaxed = papers.without_tax(sheet.amount, case=case)
    duty = stamp_duty(kind=case.kind, amount_without_tax=untaxed, on=timezone.localdate(at))
    consents = ordering.accepted_consents(case)
    paper = documents.ContractPaper(
        is_provisional=case.needs_council,
        case_kind=case.kind,
        case_kind_label=case.kind_label,
        number=case.number,
        title=case.title,
        conditions=papers.conditions(sheet, case=case),
        orderer=_orderer(case, version),
        contractors=tuple(
            papers.consenting_party(consents[firm.pk], case=case) if firm.pk in consents else _party(firm, case=case)
            for firm in firms
        ),
        joint_venture=case.contractor.name if case.contractor.is_joint_venture else "",
        articles=clauses.articles if clauses else (),
        rules_version=str(case.rule_set),
        is_on_paper=True,
        stamp_duty=duty.yen,
    )
    return paper, duty


def _orderer(case: Case, version: ContractVersion | None) -> documents.Party:
    city = case.tenant
    signatory = version.signatory.name if version else ""
    return documents.Party(
        address=city.address,
        name=city.name,
        representative_title=city.mayor_title or f"{city.name}長",
        representative_name=city.mayor_name or signatory,
    )


def _party(firm: Contractor, *, case: Case) -> documents.Party:
    return documents.Party(
        address=firm.address,
        name=firm.full_name,
        representative_title=firm.signer_title,
        representative_name=firm.signer_name,
        role=papers.role_of(firm, case=case),
    )


def _signer(firm: Contractor) -> str:
    return f"{firm.signer_title}　{firm.signer_name}"


def _blank_consent(case: Case, firm: Contractor) -> documents.ConsentPaper:
    """Fill 様式第1号 with what the register knows; the rest, and the day, is left to be written by hand."""
    text = case.rule_set.data["consent"]
    return documents.ConsentPaper(
        consented_date=None,
        addressee=case.tenant.addressee,
        address=firm.address,
        company_name=firm.full_name,
        representative_name=f"{firm.representative_title}　{firm.representative_name}",
        statement=text["statement"],
        case_title=case.title,
        case_number=case.number,
        authority_company=firm.full_name,
        authority_title=firm.signer_title,
        authority_name=firm.signer_name,
        authority_email=firm.email,
        notes=tuple(text["notes"]),
        form_label=text["form"],
        title=text["title"],
        joint_venture=case.contractor.name if case.contractor.is_joint_venture else "",
        member_role=papers.role_of(firm, case=case),
    )
