"""Turn rows into the plain values that the printed papers take."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organization
from contracts import clauses, documents, rules
from contracts.models import Case, Consent, ContractKind, Contractor, ContractVersion
from contracts.services.signatures import ordering
from contracts.services.versions.sheets import Sheet, sheet_of
from contracts.states import ContractState, VersionState
from contracts.terms import Terms, guarantee_column

CONSENT_FIELDS = (
    "address",
    "company_name",
    "representative_name",
    "authority_company",
    "authority_title",
    "authority_name",
    "authority_email",
    "contact_department",
    "contact_title",
    "contact_name",
    "contact_phone",
)


def consent_paper(consent: Consent, *, at: datetime) -> documents.ConsentPaper:
    """Give 様式第1号 its values as they stand (R48–R57); a member of a joint venture names it and its place in it."""
    case = consent.case
    text = case.rule_set.data["consent"]
    venture = case.contractor if case.contractor.is_joint_venture else None
    return documents.ConsentPaper(
        consented_date=timezone.localdate(at),
        addressee=case.tenant.addressee,
        statement=consent.statement,
        case_title=case.title,
        case_number=case.number,
        notes=tuple(consent.notes),
        form_label=text["form"],
        title=text["title"],
        joint_venture=venture.name if venture else "",
        member_role=role_of(consent.contractor, case=case),
        methods=tuple(documents.Method(**line) for line in consent.methods),
        **{name: getattr(consent, name) for name in CONSENT_FIELDS},
    )


def role_of(firm: Contractor, *, case: Case) -> str:
    """Name a firm's place in a joint venture; "" where there is none."""
    if not case.contractor.is_joint_venture:
        return ""
    return "代表構成員" if firm.pk == ordering.representative_of(case).pk else "構成員"


def contract_title(version: ContractVersion) -> str:
    """Name the contract document: 工事請負契約書, 業務委託変更契約書（第１回）, 訂正合意書."""
    contract = version.contract
    return documents.heading(
        contract.case.kind, kind=contract.kind, number=contract.number, is_provisional=contract.is_provisional
    )


def first_sheet(case: Case, *, at: datetime) -> Sheet:
    """Propose the front sheet of an original contract: the case as registered, the rest from the city's rules."""
    data = case.rule_set.data
    known = rules.contract_terms(data, kind=case.kind)
    clause_set = rules.clause_set(data, kind=case.kind, on=timezone.localdate(at))
    return Sheet(
        amount=case.amount,
        work_starts_date=case.work_starts_date,
        work_ends_date=case.work_ends_date,
        contract_date=None,
        clause_set=clause_set.name,
        terms=Terms(
            place=case.place,
            advance_percent=known.advance_percent,
            interim_percent=known.interim_percent,
            delay_rate=known.delay_rate,
            days_off=known.days_off,
            hours_off=known.hours_off,
            arbitration_body=known.arbitration_body,
            special_terms=known.special_terms,
        ),
    )


_PAPER_KINDS: dict[str, documents.PaperKind] = {
    ContractKind.ORIGINAL: "original",
    ContractKind.AMENDMENT: "amendment",
    ContractKind.CORRECTION: "correction",
}


def contract_paper(version: ContractVersion) -> documents.ContractPaper:
    """Give a version's contract document its values: its front sheet, the parties, and the city's clauses."""
    contract, case = version.contract, version.contract.case
    before = _before(version)
    return documents.ContractPaper(
        kind=_PAPER_KINDS[contract.kind],
        is_provisional=contract.is_provisional,
        amendment_number=contract.number,
        case_kind=case.kind,
        case_kind_label=case.kind_label,
        number=case.number,
        title=case.title,
        conditions=_conditions(version),
        before=_conditions(before) if before is not None and contract.kind == ContractKind.AMENDMENT else None,
        reason=version.reason,
        orderer=_orderer(version),
        contractors=_contractors(case),
        joint_venture=case.contractor.name if case.contractor.is_joint_venture else "",
        articles=_articles(version) if contract.is_original else (),
        contract_date=version.contract_date,
        original_date=None if contract.is_original else original_date(case),
        rules_version=str(case.rule_set),
    )


def amount_without_tax(version: ContractVersion) -> int:
    """Return a version's price without consumption tax, in whole yen; a fraction of the tax is dropped."""
    return without_tax(version.amount, case=version.case)


def without_tax(amount: int, *, case: Case) -> int:
    """Take the consumption tax off an amount of a case, in whole yen; a fraction of the tax is dropped."""
    known = rules.contract_terms(case.rule_set.data, kind=case.kind)
    return amount - amount * known.tax_percent // (100 + known.tax_percent)


def _conditions(version: ContractVersion) -> documents.Conditions:
    return conditions(sheet_of(version), case=version.case)


def conditions(sheet: Sheet, *, case: Case) -> documents.Conditions:
    """Give a front sheet of a case as it is printed."""
    known = rules.contract_terms(case.rule_set.data, kind=case.kind)
    return documents.Conditions(
        price=sheet.amount,
        tax=sheet.amount - without_tax(sheet.amount, case=case),
        starts_date=sheet.work_starts_date,
        ends_date=sheet.work_ends_date,
        terms=sheet.terms,
        guarantee=guarantee_column(sheet.terms, otherwise=known.guarantee_text),
        clause_set=sheet.clause_set,
    )


def in_force_before_all(case: Case) -> ContractVersion:
    """Find the version whose terms a case stands under now: the newest contract or amendment in force."""
    return _in_force(case.pk).order_by("-fixed_at")[0]  # type: ignore[no-any-return]


def _in_force(case_id: int) -> Any:
    rows = ContractVersion.unscoped.filter(contract__case_id=case_id, state=VersionState.CONCLUDED)
    return rows.filter(contract__state=ContractState.IN_FORCE).exclude(contract__kind=ContractKind.CORRECTION)


def in_force_before(version: ContractVersion) -> ContractVersion | None:
    """Find the concluded version whose terms a version of an amendment or correction starts from, or started from."""
    rows = _in_force(version.contract.case_id)
    if version.fixed_at is not None:
        rows = rows.filter(fixed_at__lt=version.fixed_at)
    return rows.exclude(contract_id=version.contract_id).order_by("-fixed_at").first()  # type: ignore[no-any-return]


def _before(version: ContractVersion) -> ContractVersion | None:
    return None if version.contract.is_original else in_force_before(version)


def original_date(case: Case) -> date | None:
    """Tell since when the original contract of a case is in force (JST)."""
    return case.contracts.get(kind=ContractKind.ORIGINAL).in_force_date


def _orderer(version: ContractVersion) -> documents.Party:
    city: Organization = version.tenant
    return documents.Party(
        address=city.address,
        name=city.name,
        representative_title=city.mayor_title or version.signatory.name,
        representative_name=city.mayor_name or version.signatory.name,
    )


def _contractors(case: Case) -> tuple[documents.Party, ...]:
    consents = ordering.accepted_consents(case)
    return tuple(consenting_party(consents[firm.pk], case=case) for firm in ordering.firms_of(case))


def consenting_party(consent: Consent, *, case: Case) -> documents.Party:
    """Name a firm as it stands in its consent."""
    return documents.Party(
        address=consent.address,
        name=consent.authority_company,
        representative_title=consent.authority_title,
        representative_name=consent.authority_name,
        role=role_of(consent.contractor, case=case),
    )


def _articles(version: ContractVersion) -> tuple[clauses.Article, ...]:
    data = version.case.rule_set.data
    found = rules.clause_set_named(data, version.clause_set)
    return found.articles if found is not None else ()
