"""Check a certificate against its contract: plain values in, one finding per line out (R89, R105, §2.5)."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from contracts import folding
from contracts.dates import wareki, yen


class Finding(StrEnum):
    FITS = "fits"
    SHORT = "short"
    UNSURE = "unsure"


LABELS = {Finding.FITS: "適合", Finding.SHORT: "不足", Finding.UNSURE: "要確認"}


@dataclass(frozen=True)
class Line:
    """One thing compared: what it is, the outcome, and a sentence that says why."""

    subject: str
    outcome: Finding
    text: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self) | {"label": LABELS[self.outcome]}


@dataclass(frozen=True)
class CertificateFacts:
    """What a clerk read on the certificate (保証証書) in the guarantor's viewing service."""

    beneficiary: str
    work_title: str
    guaranteed_amount: int
    guaranteed_until: date


@dataclass(frozen=True)
class ContractFacts:
    """What the contract says; amounts in whole yen."""

    orderer_names: tuple[str, ...]
    work_title: str
    price: int
    work_ends_date: date


def compare(
    certificate: CertificateFacts, contract: ContractFacts, *, minimum: int, maximum: int | None
) -> tuple[Line, ...]:
    """Compare a certificate with its contract; the amounts expected come from the city's rules, in yen."""
    return (
        _amount(certificate.guaranteed_amount, minimum=minimum, maximum=maximum),
        _same("被保証者", certificate.beneficiary, contract.orderer_names),
        _same("工事名", certificate.work_title, (contract.work_title,)),
        _period(certificate.guaranteed_until, contract.work_ends_date),
    )


def _amount(amount: int, *, minimum: int, maximum: int | None) -> Line:
    if amount < minimum:
        return Line("保証金額", Finding.SHORT, f"必要な額 {yen(minimum)} に {yen(minimum - amount)} 足りません。")
    if maximum is not None and amount > maximum:
        return Line("保証金額", Finding.UNSURE, f"上限 {yen(maximum)} を {yen(amount - maximum)} 超えています。")
    return Line("保証金額", Finding.FITS, f"{yen(amount)} は規程の額に適合しています。")


def _same(subject: str, read: str, expected: tuple[str, ...]) -> Line:
    if folding.search_key(read) in {folding.search_key(name) for name in expected}:
        return Line(subject, Finding.FITS, f"「{read}」は契約と一致しています。")
    return Line(subject, Finding.UNSURE, f"証書の「{read}」が契約の「{expected[0]}」と異なります。")


def _period(until: date, work_ends: date) -> Line:
    if until < work_ends:
        return Line(
            "保証期間", Finding.SHORT, f"{wareki(until)}までで、工期の終わり（{wareki(work_ends)}）に足りません。"
        )
    return Line("保証期間", Finding.FITS, f"{wareki(until)}までで、工期を満たしています。")


def passes(lines: tuple[Line, ...]) -> bool:
    """Tell whether nothing is short; what is unsure is for a person to decide."""
    return all(line.outcome is not Finding.SHORT for line in lines)


def expected_amounts(terms: dict[str, int], *, type_: str, price: int) -> tuple[int, int | None]:
    """Return (minimum, maximum) in yen for a type: 契約保証 at least 10 %, 前払 at most 40 %, 中間前払 at most 20 %.

    The percentages are the city's data; fractions of a yen are cut off.
    """
    share = price * terms[f"{type_}_percent"] // 100
    return (share, None) if type_ == "contract" else (1, share)
