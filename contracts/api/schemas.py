"""What the API answers with: the facts of a row, none of its secrets, and no more of a person than a contract needs."""

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from contracts.api.pages import Slice
from contracts.models import Case, Consent, Contract, Contractor, ContractVersion, Document, SigningStep


class Named(Schema):
    """A word of the rules or of a life cycle: its sign for programs, its label for people."""

    code: str = Field(description="符号", examples=["registered"])
    label: str = Field(description="呼び名", examples=["登録済"])


def state_of(row: Any) -> Named:
    """Name the state of a row."""
    return Named(code=row.state, label=row.get_state_display())


class ContractorOut(Schema):
    """A firm on the register, or a joint venture."""

    id: int = Field(description="事業者の番号", examples=[7])
    registration_number: str = Field(description="登録番号", examples=["第000123号"])
    name: str = Field(description="商号又は名称", examples=["㈱髙﨑𠮷建設"])
    name_kana: str = Field(description="フリガナ", examples=["カブシキガイシャタカサキキチケンセツ"])
    branch: str = Field(description="委任先の支店等", examples=["佐賀支店"])
    address: str = Field(description="住所", examples=["見本県見本市本町1番地"])
    representative_title: str = Field(description="代表者の役職", examples=["代表取締役"])
    representative_name: str = Field(description="代表者名", examples=["髙﨑　𠮷男"])
    is_joint_venture: bool = Field(description="共同企業体か")
    active: bool = Field(description="登録中か（false は停止中）")
    edit_number: int = Field(description="訂正の回数。訂正するときに書く", examples=[0])

    @classmethod
    def of(cls, firm: Contractor) -> "ContractorOut":
        return cls.model_validate(firm, from_attributes=True)


PLAIN = (
    *("id", "number", "title", "place", "announced_date", "awarded_date", "contractor_id", "amount"),
    *("work_starts_date", "work_ends_date", "needs_council", "conclusion_deadline_date"),
    *("paper_contract_date", "registered_at", "edit_number"),
)


class CaseOut(Schema):
    """A case: what was tendered, who won it, and until when its contract must be concluded."""

    id: int = Field(description="案件の番号（むすびの中で一つ）", examples=[42])
    number: str = Field(description="工事番号（市の中で一つ）", examples=["鳥工第12号"])
    title: str = Field(description="工事名", examples=["市道〇〇線道路改良工事"])
    place: str = Field(description="工事場所", examples=["見本市本町地内"])
    kind: Named = Field(description="区分")
    procurement_method: Named = Field(description="調達方法")
    announced_date: date = Field(description="公告日")
    awarded_date: date = Field(description="落札日")
    contractor_id: int = Field(description="落札者（事業者の番号）", examples=[7])
    contractor_name: str = Field(description="落札者の名（支店まで）", examples=["㈱髙﨑𠮷建設"])
    amount: int = Field(description="請負代金額（円・税込）", examples=[11_000_000])
    work_starts_date: date = Field(description="工期の始期")
    work_ends_date: date = Field(description="工期の終期")
    needs_council: bool = Field(description="議会の議決を要するか")
    department: str = Field(description="担当課", examples=["建設課"])
    state: Named = Field(description="状態")
    eligible: bool = Field(description="電子契約の対象か（規程の判定）")
    conclusion_deadline_date: date | None = Field(description="契約締結期限。定めがなければ null")
    paper_contract_date: date | None = Field(description="紙で契約したときの契約日")
    registered_at: datetime = Field(description="登録日時")
    edit_number: int = Field(description="訂正の回数。訂正するときに書く", examples=[0])

    @classmethod
    def of(cls, case: Case) -> "CaseOut":
        """Tell a case whose contractor and department are at hand."""
        return cls(
            **{name: getattr(case, name) for name in PLAIN},
            kind=Named(code=case.kind, label=case.kind_label),
            procurement_method=Named(code=case.procurement_method, label=case.method_label),
            contractor_name=case.contractor.full_name,
            department=case.department.name,
            state=state_of(case),
            eligible=case.is_eligible,
        )


class ConsentOut(Schema):
    """様式第1号 of one firm: whether it consents, and when; who fills it in stays in the form itself."""

    id: int = Field(description="承諾書の番号")
    case_id: int = Field(description="案件の番号")
    contractor_id: int = Field(description="事業者の番号")
    state: Named = Field(description="状態")
    submitted_at: datetime | None = Field(description="提出日時")
    address_confirmed_at: datetime | None = Field(description="宛先の到達を確かめた日時")
    accepted_at: datetime | None = Field(description="承諾確認日時")
    withdrawn_at: datetime | None = Field(description="撤回日時")

    @classmethod
    def of(cls, consent: Consent) -> "ConsentOut":
        dates = ("submitted_at", "address_confirmed_at", "accepted_at", "withdrawn_at")
        return cls(
            **{name: getattr(consent, name) for name in ("id", "case_id", "contractor_id", *dates)},
            state=state_of(consent),
        )


class StepOut(Schema):
    """One party's place in the order of signatures."""

    order: int = Field(description="順番", examples=[1])
    party: Named = Field(description="当事者")
    kind: Named = Field(description="署名か、確認か")
    state: Named = Field(description="状態")
    requested_at: datetime | None = Field(description="依頼日時")
    signed_at: datetime | None = Field(description="署名日時（タイムスタンプの時刻）")

    @classmethod
    def of(cls, step: SigningStep) -> "StepOut":
        return cls(
            order=step.order,
            party=Named(code=step.party, label=step.get_party_display()),
            kind=Named(code=step.kind, label=step.get_kind_display()),
            state=state_of(step),
            requested_at=step.requested_at,
            signed_at=step.signed_at,
        )


class DocumentOut(Schema):
    """A document of a version; its file can be taken once the version is concluded."""

    id: int = Field(description="文書の番号", examples=[101])
    version_id: int = Field(description="契約の版の番号")
    kind: Named = Field(description="種類")
    title: str = Field(description="文書名", examples=["工事請負契約書"])
    pages: int = Field(description="ページ数", examples=[10])
    size: int = Field(description="大きさ（バイト）")
    sha256: str = Field(description="いまのファイルの SHA-256（/file の ETag）", examples=["9f86d08188…"])

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        last = max(document.revisions.all(), key=lambda revision: revision.number)
        return cls(
            **{name: getattr(document, name) for name in ("id", "version_id", "title", "pages")},
            kind=Named(code=document.kind, label=document.get_kind_display()),
            size=last.size,
            sha256=last.sha256,
        )


class VersionOut(Schema):
    """One version of a contract."""

    id: int = Field(description="契約の版の番号", examples=[55])
    number: int = Field(description="第何版か", examples=[1])
    state: Named = Field(description="状態")
    amount: int = Field(description="請負代金額（円・税込）")
    work_starts_date: date = Field(description="工期の始期")
    work_ends_date: date = Field(description="工期の終期")
    sent_at: datetime | None = Field(description="署名依頼日時")
    expires_at: datetime | None = Field(description="署名の期限")
    fixed_at: datetime | None = Field(description="契約確定日時（最後の署名のタイムスタンプの時刻）")
    concluded_at: datetime | None = Field(description="締結を確認した日時")
    edit_number: int = Field(description="編集の回数")
    steps: list[StepOut] = Field(description="署名の順番")
    documents: list[DocumentOut] = Field(description="文書の一式")

    @classmethod
    def of(cls, version: ContractVersion) -> "VersionOut":
        plain = ("id", "number", "amount", "work_starts_date", "work_ends_date", "edit_number")
        dates = ("sent_at", "expires_at", "fixed_at", "concluded_at")
        return cls(
            **{name: getattr(version, name) for name in (*plain, *dates)},
            state=state_of(version),
            steps=[StepOut.of(step) for step in sorted(version.steps.all(), key=lambda step: step.order)],
            documents=[
                DocumentOut.of(document)
                for document in sorted(version.documents.all(), key=lambda document: document.order)
                if document.removed_at is None
            ],
        )


class ContractOut(Schema):
    """An agreement of a case: the original contract, a change, or a correction."""

    id: int = Field(description="契約の番号", examples=[31])
    case_id: int = Field(description="案件の番号", examples=[42])
    case_number: str = Field(description="工事番号", examples=["鳥工第12号"])
    kind: Named = Field(description="当初契約・変更契約・訂正合意")
    number: int = Field(description="第何回か（当初契約は 0）", examples=[0])
    title: str = Field(description="契約名")
    state: Named = Field(description="状態")
    is_provisional: bool = Field(description="仮契約か")
    council_date: date | None = Field(description="議決の日")
    in_force_date: date | None = Field(description="契約成立の日")
    versions: list[VersionOut] = Field(description="契約の版。番号の順")

    @classmethod
    def of(cls, contract: Contract) -> "ContractOut":
        plain = ("id", "case_id", "number", "title", "is_provisional", "council_date", "in_force_date")
        return cls(
            **{name: getattr(contract, name) for name in plain},
            case_number=contract.case.number,
            kind=Named(code=contract.kind, label=contract.label),
            state=state_of(contract),
            versions=[VersionOut.of(each) for each in sorted(contract.versions.all(), key=lambda each: each.number)],
        )


class Contractors(Slice):
    items: list[ContractorOut] = Field(description="事業者。登録した順")


class Cases(Slice):
    items: list[CaseOut] = Field(description="案件。登録した順")


class Contracts(Slice):
    items: list[ContractOut] = Field(description="契約。作られた順")
