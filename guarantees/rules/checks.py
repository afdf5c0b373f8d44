"""Check a certificate against its contract: plain values in, one finding per line out (R89, R105, R117, §2.5)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from contracts.dates import wareki, yen
from contracts.rules.choices import GUARANTEE_TYPES
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.rules import names, periods
from guarantees.rules.amounts import CONTRACT, expected_text
from guarantees.rules.expected import Clauses, Expected
from guarantees.rules.lines import BY_EYE, UNREAD, Finding, Line
from guarantees.rules.shown import Shown
from guarantees.rules.shown import lines as shown_lines

CHANGED = {True: "（変更）", False: "表示なし"}


def compare(
    notice: NoticeFacts,
    certificate: CertificateFacts,
    expected: Expected,
    *,
    by_eye: Collection[str] = (),
    shown: Shown | None = None,
) -> tuple[Line, ...]:
    """Compare both papers with the contract, line by line in the order of the certificate.

    What was not read of the certificate is blank, or unsure where the check cannot do without it; nothing is
    guessed. A line is short where no judgement could make the guarantee sufficient, and says by how much. `by_eye`
    names the facts that a person found to read like the contract; `shown` is what the guarantor's register adds.
    """
    lines = (
        _type(notice, certificate, expected),
        _number(notice, certificate, expected),
        names.beneficiary(certificate.beneficiary, notice.orderer, expected),
        names.applicant(certificate.applicant_name, expected),
        names.guarantor(certificate.guarantor, notice.guarantor, expected),
        names.work_title(certificate.work_title, notice.work_title, expected),
        _price(certificate.price, expected),
        _base_price(certificate.base_price, expected),
        _amount(certificate.amount, expected),
        periods.guaranteed(certificate, expected),
        periods.work(certificate, expected),
        _issued(certificate.issued_date, expected),
        _change(certificate, expected),
        _bank(certificate.deposit_bank, expected),
        _clauses(expected.clauses),
        *(shown_lines(shown, expected) if shown else ()),
    )
    return tuple(_seen(line, by_eye) for line in lines if line is not None)


def _seen(line: Line, by_eye: Collection[str]) -> Line:
    if line.name not in by_eye:
        return line
    return replace(line, by_eye=True, text=BY_EYE if line.outcome is Finding.FITS else line.text)


def _type(notice: NoticeFacts, certificate: CertificateFacts, expected: Expected) -> Line:
    outcome, text = Finding.FITS, "提出された保証の種類と一致しています。"
    for paper, found in (("証書", certificate.type), ("お知らせ", notice.type)):
        if found is not None and found != expected.type:
            outcome = Finding.SHORT
            text = f"{paper}は{GUARANTEE_TYPES[found]}のものです。{expected.type_label}の証書が要ります。"
            break
    else:
        if certificate.type is None:
            outcome, text = Finding.UNSURE, UNREAD
    return Line(
        name="type",
        subject="種類",
        outcome=outcome,
        text=text,
        notice=GUARANTEE_TYPES.get(notice.type or "", ""),
        read=GUARANTEE_TYPES.get(certificate.type or "", ""),
        expected=expected.type_label,
    )


def _number(notice: NoticeFacts, certificate: CertificateFacts, expected: Expected) -> Line:
    outcome, text = _number_found(notice, certificate, expected)
    return Line(
        name="number",
        subject="保証契約番号",
        outcome=outcome,
        text=text,
        notice=notice.number or "",
        read=certificate.number or "",
        expected=expected.number,
    )


def _number_found(notice: NoticeFacts, certificate: CertificateFacts, expected: Expected) -> tuple[Finding, str]:
    for paper, number in (("証書", certificate.number), ("お知らせ", notice.number)):
        if number and number != expected.number:
            return (
                Finding.SHORT,
                f"{paper}の番号が、提出された番号と異なります。別の保証のものではないか、ご確認ください。",
            )
    for other in expected.namesakes:
        if other.is_released:
            return (
                Finding.SHORT,
                f"この番号の保証（{other.title}の{other.type_label}）は、すでに返還・解除されています。",
            )
        return Finding.SHORT, f"この番号は、{other.title}の{other.type_label}としてすでに登録されています。"
    if not certificate.number:
        return Finding.UNSURE, UNREAD
    return Finding.FITS, "提出された番号と一致し、ほかに使われていません。"


def _price(price: int | None, expected: Expected) -> Line:
    outcome, text = Finding.FITS, "契約の請負代金額と一致しています。"
    if price is None:
        outcome, text = Finding.BLANK, ""
    elif price != expected.price:
        outcome = Finding.UNSURE
        gap = f"契約より {yen(abs(price - expected.price))} {'多い' if price > expected.price else '少ない'}額です。"
        text = gap + (
            "変更前の請負代金額の証書です。" if price in expected.earlier_prices else "証書をご確認ください。"
        )
    return Line(
        name="price",
        subject="請負金額（総額）",
        outcome=outcome,
        text=text,
        read=_yen(price),
        expected=yen(expected.price),
    )


def _base_price(base: int | None, expected: Expected) -> Line | None:
    """Look at the part of the price that an advance is reckoned from (対象額); 契約保証 has none."""
    if expected.type == CONTRACT:
        return None
    outcome, text = Finding.FITS, "請負代金額の内にあります。"
    if base is None:
        outcome, text = Finding.BLANK, ""
    elif base > expected.price:
        outcome, text = (
            Finding.UNSURE,
            f"請負代金額を {yen(base - expected.price)} 超えています。証書をご確認ください。",
        )
    limit = f"{yen(expected.price)}以下"
    return Line(
        name="base_price", subject="請負金額（対象額）", outcome=outcome, text=text, read=_yen(base), expected=limit
    )


def _amount(amount: int | None, expected: Expected) -> Line:
    outcome, text = Finding.FITS, "規程の額に適合しています。"
    if amount is None:
        outcome, text = Finding.UNSURE, UNREAD
    elif amount < expected.minimum:
        missing = yen(expected.minimum - amount)
        outcome, text = Finding.SHORT, f"必要な額 {yen(expected.minimum)} に {missing} 足りません。"
    elif expected.maximum is not None and amount > expected.maximum:
        over = yen(amount - expected.maximum)
        outcome, text = Finding.UNSURE, f"上限 {yen(expected.maximum)} を {over} 超えています。"
    return Line(
        name="amount",
        subject="保証金額",
        outcome=outcome,
        text=text,
        read=_yen(amount),
        expected=expected_text(expected.minimum, expected.maximum),
    )


def _issued(issued: date | None, expected: Expected) -> Line:
    outcome, text = Finding.FITS, "照合の日までに発行されています。"
    if issued is None:
        outcome, text = Finding.BLANK, ""
    elif issued > expected.today:
        outcome, text = Finding.UNSURE, "発行日が照合の日より後です。読み違えていないか、ご確認ください。"
    return Line(name="issued_date", subject="発行日", outcome=outcome, text=text, read=wareki(issued) if issued else "")


def _change(certificate: CertificateFacts, expected: Expected) -> Line:
    """Look for （変更） exactly where a change is expected (R106)."""
    outcome, text = Finding.FITS, "求めている証書のとおりです。"
    if certificate.changed != expected.is_change:
        outcome = Finding.UNSURE
        text = "（変更）の表示がありません。変更前の証書を見ていないか、ご確認ください。"
        if certificate.changed:
            text = "（変更）の証書です。もとの保証が別に登録されていないか、ご確認ください。"
    return Line(
        name="changed",
        subject="変更の表示",
        outcome=outcome,
        text=text,
        read=CHANGED[certificate.changed],
        expected=CHANGED[expected.is_change],
    )


def _bank(bank: str | None, expected: Expected) -> Line | None:
    """Keep where the advance is to be deposited; there is nothing to compare it with."""
    if expected.type == CONTRACT:
        return None
    outcome, text = (Finding.FITS, "前払金は、この口座に支払います。") if bank else (Finding.BLANK, "")
    return Line(name="deposit_bank", subject="前払金預託金融機関", outcome=outcome, text=text, read=bank or "")


def _clauses(clauses: Clauses | None) -> Line | None:
    if clauses is None:
        return None
    outcome, text = _clauses_found(clauses)
    required = f"{clauses.required_name}、またはその後の版" if clauses.required_name else "電磁的方法の定めのある約款"
    return Line(name="clauses", subject="約款", outcome=outcome, text=text, read=clauses.name, expected=required)


def _clauses_found(clauses: Clauses) -> tuple[Finding, str]:
    if clauses.electronic is False:
        return Finding.SHORT, f"「{clauses.name}」には、電磁的方法による保証証書の寄託の定めがありません。"
    if clauses.required_date and clauses.effective_date and clauses.effective_date < clauses.required_date:
        return Finding.SHORT, f"契約の約款が、電子保証に要る版（{clauses.required_name}）より前のものです。"
    if clauses.seen:
        return Finding.FITS, "受付のときに、当初契約書の約款を確かめました。"
    if clauses.electronic is None:
        return Finding.UNSURE, "当初契約書の約款を、契約書でご確認ください。"
    return Finding.FITS, "電子保証に使える約款です。"


def _yen(amount: int | None) -> str:
    return "" if amount is None else yen(amount)
