"""Turn rows into the plain values that the printed papers take."""

from datetime import datetime

from django.utils import timezone

from contracts import documents
from contracts.models import Case, CaseKind, Consent, SigningStep

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
    """Give 様式第1号 its values as they stand (R48–R57)."""
    case = consent.case
    return documents.ConsentPaper(
        consented_date=timezone.localdate(at),
        addressee=case.tenant.addressee,
        statement=consent.statement,
        case_title=case.title,
        case_number=case.number,
        notes=tuple(consent.notes),
        **{name: getattr(consent, name) for name in CONSENT_FIELDS},
    )


def contract_title(case: Case) -> str:
    """Name the contract document after the kind of work."""
    return "工事請負契約書" if case.kind == CaseKind.CONSTRUCTION else "業務委託契約書"


def contract_paper(case: Case, *, consent: Consent, city_step: SigningStep) -> documents.ContractPaper:
    """Give the contract its values: the case, the two parties and the texts of the case's rule set."""
    terms = case.rule_set.data["contract"]
    return documents.ContractPaper(
        kind=case.kind,
        kind_label=case.get_kind_display(),
        number=case.number,
        title=case.title,
        place=case.place or "設計図書のとおり",
        starts_date=case.work_starts_date,
        ends_date=case.work_ends_date,
        price=case.amount,
        tax=case.amount - case.amount * 100 // (100 + terms["tax_percent"]),
        guarantee=terms["guarantee_text"],
        orderer=documents.Party(
            address=case.tenant.address,
            name=case.tenant.name,
            representative_title=case.tenant.mayor_title or city_step.title,
            representative_name=case.tenant.mayor_name or city_step.name,
        ),
        contractor=documents.Party(
            address=consent.address,
            name=consent.authority_company,
            representative_title=consent.authority_title,
            representative_name=consent.authority_name,
        ),
        clause_set=terms["clause_set"],
        rules_version=str(case.rule_set),
        advance_percent=terms["advance_percent"],
        interim_percent=terms["interim_percent"],
        special_terms=tuple(terms["special_terms"]),
    )
