"""How long a certificate secures the work, to the day (R105, R106)."""

from datetime import date

from contracts.dates import wareki
from guarantees.facts import CertificateFacts
from guarantees.rules.expected import Expected
from guarantees.rules.lines import UNREAD, Finding, Line

FOLLOWS = "工期の変更に応じて保証期間も自動的に変わるため、変更の証書は要りません。"


def guaranteed(facts: CertificateFacts, expected: Expected) -> Line:
    """Compare 保証期間 with the end of the work, the day of the check and the day of the contract."""
    outcome, text = _period(facts, expected)
    return Line(
        name="guaranteed_until",
        subject="保証期間",
        outcome=outcome,
        text=text,
        read=span(facts.guaranteed_from, facts.guaranteed_until),
        expected=f"{wareki(expected.work_until)}まで（工期の終わり）",
    )


def _period(facts: CertificateFacts, expected: Expected) -> tuple[Finding, str]:
    until = facts.guaranteed_until
    if until is None:
        return Finding.UNSURE, UNREAD
    if _follows(until, expected):
        return Finding.FITS, FOLLOWS
    if until < expected.today:
        return Finding.SHORT, f"保証期間は{wareki(until)}に終わっています。"
    if until < expected.work_until:
        return Finding.SHORT, f"工期の終わりに {(expected.work_until - until).days}日 足りません。"
    if late := _late(facts, expected):
        return (
            Finding.UNSURE,
            f"契約の日の {late}日後 から始まっています。それまでの間が保証されているか、ご確認ください。",
        )
    return Finding.FITS, "工期の終わりまで保証されています。"


def _follows(until: date, expected: Expected) -> bool:
    """Tell whether the certificate was written for the work as it was, and follows it since (R106)."""
    return expected.follows_work and until < expected.work_until and until in expected.earlier_ends


def _late(facts: CertificateFacts, expected: Expected) -> int:
    """Count the days between the contract and the start of its 契約保証; other types start when they are asked for."""
    starts, contracted = facts.guaranteed_from, expected.contracted_date
    if expected.type != "contract" or expected.is_change or starts is None or contracted is None:
        return 0
    return max(0, (starts - contracted).days)


def work(facts: CertificateFacts, expected: Expected) -> Line:
    """Compare 工期 with the contract's."""
    outcome, text = Finding.FITS, "契約の工期と一致しています。"
    if facts.work_until is None and facts.work_from is None:
        outcome, text = Finding.BLANK, ""
    elif facts.work_until is not None and facts.work_until in expected.earlier_ends and expected.follows_work:
        text = f"変更前の工期です。{FOLLOWS}"
    elif _differs(facts.work_from, expected.work_from) or _differs(facts.work_until, expected.work_until):
        outcome, text = Finding.UNSURE, "工期が契約と異なります。別の工事の保証ではないか、ご確認ください。"
    return Line(
        name="work_until",
        subject="工期",
        outcome=outcome,
        text=text,
        read=span(facts.work_from, facts.work_until),
        expected=span(expected.work_from, expected.work_until),
    )


def _differs(read: date | None, expected: date) -> bool:
    return read is not None and read != expected


def span(begins: date | None, ends: date | None) -> str:
    """Write a period as offices do, with whichever of its ends is known."""
    parts = (f"{wareki(begins)}から" if begins else "", f"{wareki(ends)}まで" if ends else "")
    return "".join(parts)
