"""What a contract is called and how it speaks: works or services, first contract, amendment or correction."""

from dataclasses import dataclass

from contracts.clauses import number as printed_number

CONSTRUCTION = "construction"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The nouns in which works and services differ."""

    work: str  # 工事・業務
    period: str
    finish: str
    price: str
    bargain: str  # 請負・委託

    @property
    def number(self) -> str:
        return f"{self.work}番号"

    @property
    def title(self) -> str:
        return f"{self.work}名"


WORKS = Words(work="工事", period="工期", finish="完成", price="請負代金額", bargain="請負")
SERVICES = Words(work="業務", period="履行期間", finish="完了", price="業務委託料", bargain="委託")


def words_of(case_kind: str) -> Words:
    """Choose the nouns of works, or of services for every other kind of case."""
    return WORKS if case_kind == CONSTRUCTION else SERVICES


def heading(case_kind: str, *, kind: str = "original", number: int = 0, is_provisional: bool = False) -> str:
    """Name a contract document in full: 工事請負契約書, 業務委託仮契約書, 工事請負変更契約書（第２回）, 訂正合意書."""
    return name(case_kind, kind=kind, is_provisional=is_provisional) + times(kind, number)


def name(case_kind: str, *, kind: str = "original", is_provisional: bool = False) -> str:
    """Name a kind of contract document, without its count."""
    if kind == "correction":
        return "訂正合意書"
    words = words_of(case_kind)
    change, vote = "変更" if kind == "amendment" else "", "仮" if is_provisional else ""
    return f"{words.work}{words.bargain}{change}{vote}契約書"


def times(kind: str, number: int) -> str:
    """Count amendments （第２回） from the first on, corrections from the second on; the original has no count."""
    counted = kind == "amendment" or (kind == "correction" and number > 1)
    return f"（第{printed_number(number)}回）" if counted else ""
