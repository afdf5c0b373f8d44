"""The papers themselves: 様式第1号 and the contract in all its kinds, as frozen values."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from contracts.clauses import Article
from contracts.documents import wording
from contracts.terms import Terms

PaperKind = Literal["original", "amendment", "correction"]


@dataclass(frozen=True, kw_only=True)
class Method:
    """One line of how the electronic contract is made, shown before the consent."""

    topic: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ConsentPaper:
    """様式第1号 電子契約利用承諾書 (R48–R57); a member of a joint venture consents with its own."""

    consented_date: date | None  # なければ手で書く
    addressee: str  # 見本市長
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
    title: str = "電子契約利用承諾書"
    joint_venture: str = ""
    member_role: str = ""  # 代表構成員・構成員
    methods: tuple[Method, ...] = ()  # 様式の次の頁に印字する


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of a contract, as it signs; `role` is its place in a joint venture (代表構成員・構成員)."""

    address: str
    name: str  # 自治体名・商号又は名称
    representative_title: str  # 見本市長・代表取締役
    representative_name: str
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the parties settle, as it stands before or after an amendment; amounts in whole yen with tax."""

    price: int
    tax: int
    starts_date: date
    ends_date: date
    terms: Terms = field(default_factory=Terms)
    guarantee: str = ""  # 契約保証金の欄の文
    clause_set: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.tax < self.price:
            raise ValueError("消費税額は請負代金額に含まれる額でなければならない")
        if self.ends_date < self.starts_date:
            raise ValueError("工期の終期が始期より前である")


@dataclass(frozen=True, kw_only=True)
class ContractPaper:
    """A contract with its front sheet (頭書), its amendment or its correction.

    The contractors stand in the order in which they sign. An amendment needs `before`; a correction its terms'
    corrections; both the day of the contract they change. No articles means that the clauses are attached as a file.
    """

    kind: PaperKind = "original"
    is_provisional: bool = False
    amendment_number: int = 0  # 第n回
    case_kind: str  # construction | survey_consulting | maintenance | other
    case_kind_label: str
    number: str
    title: str
    conditions: Conditions
    before: Conditions | None = None
    reason: str = ""
    orderer: Party
    contractors: tuple[Party, ...]
    joint_venture: str = ""
    articles: tuple[Article, ...] = ()
    contract_date: date | None = None  # なければ最後の電子署名の日
    original_date: date | None = None  # 変更・訂正する契約の契約締結日
    rules_version: str = ""
    is_on_paper: bool = False  # 記名押印する紙の契約書。電子契約ができないときの備え
    stamp_duty: int = 0  # 紙の契約書の一通に要る印紙税（円）

    def __post_init__(self) -> None:
        if not self.contractors:
            raise ValueError("受注者がいない")
        if (self.kind == "amendment") != (self.before is not None):
            raise ValueError("変更前の条件は変更契約に限り要る")

    @property
    def words(self) -> wording.Words:
        return wording.words_of(self.case_kind)

    @property
    def name(self) -> str:
        return wording.name(self.case_kind, kind=self.kind, is_provisional=self.is_provisional)

    @property
    def times(self) -> str:
        return wording.times(self.kind, self.amendment_number)

    @property
    def pact(self) -> str:
        return "合意" if self.kind == "correction" else "契約"

    @property
    def day_name(self) -> str:
        change = "変更" if self.kind == "amendment" else ""
        return f"{change}{'仮' if self.is_provisional else ''}{self.pact}締結日"

    @property
    def copies(self) -> int:
        """Count the paper copies: one for each who puts a seal on it."""
        return 1 + len(self.contractors)

    @property
    def contractor_name(self) -> str:
        return self.joint_venture or self.contractors[0].name
