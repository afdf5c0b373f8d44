"""Check a certificate against its contract: plain values in, one finding per line out (R89, R105, §2.5)."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from contracts import folding
from contracts.dates import wareki, yen
from guarantees.rules.amounts import expected_text


class Finding(StrEnum):
    FITS = "fits"
    SHORT = "short"
    UNSURE = "unsure"


LABELS = {Finding.FITS: "適合", Finding.SHORT: "不足", Finding.UNSURE: "要確認"}


@dataclass(frozen=True)
class Line:
    """One thing compared: what the certificate says, what the contract asks, the outcome and the reason."""

    subject: str
    outcome: Finding
    text: str
    read: str
    expected: str

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
        _same("被保証者", certificate.beneficiary, contract.orderer_names),
        _same("工事名", certificate.work_title, (contract.work_title,)),
        _amount(certificate.guaranteed_amount, minimum=minimum, maximum=maximum),
        _period(certificate.guaranteed_until, contract.work_ends_date),
    )


def _same(subject: str, read: str, expected: tuple[str, ...]) -> Line:
    if folding.search_key(read) in {folding.search_key(name) for name in expected}:
        return Line(subject, Finding.FITS, "契約と一致しています。", read, expected[0])
    text = "証書の記載が契約と異なります。同じものを指すか、ご確認ください。"
    return Line(subject, Finding.UNSURE, text, read, expected[0])


def _amount(amount: int, *, minimum: int, maximum: int | None) -> Line:
    outcome, text = Finding.FITS, "規程の額に適合しています。"
    if amount < minimum:
        outcome, text = Finding.SHORT, f"必要な額 {yen(minimum)} に {yen(minimum - amount)} 足りません。"
    elif maximum is not None and amount > maximum:
        outcome, text = Finding.UNSURE, f"上限 {yen(maximum)} を {yen(amount - maximum)} 超えています。"
    return Line("保証金額", outcome, text, yen(amount), expected_text(minimum, maximum))


def _period(until: date, work_ends: date) -> Line:
    outcome, text = Finding.FITS, "工期の終わりまで保証されています。"
    if until < work_ends:
        outcome, text = Finding.SHORT, f"工期の終わりに {(work_ends - until).days}日 足りません。"
    return Line("保証期間の終わり", outcome, text, wareki(until), f"{wareki(work_ends)}（工期の終期）")


def passes(lines: tuple[Line, ...]) -> bool:
    """Tell whether nothing is short; what is unsure is for a person to decide."""
    return all(line.outcome is not Finding.SHORT for line in lines)
