"""The papers themselves: 様式第1号 and the contract, as frozen values."""

from dataclasses import dataclass, field
from datetime import date

from contracts.documents.printing import print_pdf


@dataclass(frozen=True, kw_only=True)
class ConsentPaper:
    """様式第1号 電子契約利用承諾書 (R48–R57)."""

    consented_date: date
    addressee: str  # 鳥栖市長
    address: str
    company_name: str
    representative_name: str
    statement: str
    case_title: str
    authority_company: str
    authority_title: str
    authority_name: str
    authority_email: str
    contact_department: str = ""
    contact_title: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    notes: tuple[str, ...] = ()
    case_number: str = ""
    form_label: str = "様式第1号"


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of a contract, as it signs."""

    address: str
    name: str  # 鳥栖市・商号又は名称
    representative_title: str  # 鳥栖市長・代表取締役
    representative_name: str


@dataclass(frozen=True, kw_only=True)
class ContractPaper:
    """The contract with its front sheet (頭書); amounts in whole yen, percentages of the price, 0 for none."""

    kind: str  # construction | survey_consulting | maintenance | other
    kind_label: str
    number: str
    title: str
    place: str
    starts_date: date
    ends_date: date
    price: int
    tax: int
    guarantee: str  # 契約保証金の欄の文
    orderer: Party
    contractor: Party
    clause_set: str
    rules_version: str = ""
    advance_percent: int = 0
    interim_percent: int = 0
    partial_payments: int = 0
    days_off: str = ""
    hours_off: str = ""
    delay_rate: str = "年2.5パーセント"
    demolition: str = ""
    arbitration_body: str = ""
    attachments: tuple[str, ...] = ()
    special_terms: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not 0 <= self.tax < self.price:
            raise ValueError("消費税額は請負代金額に含まれる額でなければならない")
        if self.ends_date < self.starts_date:
            raise ValueError("工期の終期が始期より前である")

    @property
    def is_construction(self) -> bool:
        return self.kind == "construction"

    @property
    def heading(self) -> str:
        return "工事請負契約書" if self.is_construction else "業務委託契約書"


def render_consent(paper: ConsentPaper) -> bytes:
    """Print 様式第1号 on one page; raises Unprintable."""
    context = {"paper": paper, "title": f"電子契約利用承諾書 {paper.case_title}"}
    return print_pdf("contracts/pdf/consent.html", context, styles=["consent.css"])


def render_contract(paper: ContractPaper) -> bytes:
    """Print 工事請負契約書, or 業務委託契約書 for other kinds than construction; raises Unprintable."""
    template = "construction" if paper.is_construction else "service"
    context = {"paper": paper, "title": f"{paper.heading} {paper.title}"}
    return print_pdf(f"contracts/pdf/{template}.html", context, styles=["contract.css"])
