"""What a drafter settles for one version of a contract beyond its columns, as plain values.

The price, the days of the work, the printed contract date and the clause set are columns of the version.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from accounts.refusals import Refusal
from contracts.dates import wareki, yen
from contracts.folding import check_name

LABELS = {
    "place": "工事場所・履行場所",
    "start_condition": "着手の時期の定め",
    "delivery_date": "引渡しの日",
    "delivery_condition": "引渡しの時期の定め",
    "payments": "代金の支払の時期と額",
    "guarantee_kind": "契約保証の方法",
    "guarantee_amount": "契約保証金の額",
    "advance_percent": "前払金の割合",
    "interim_percent": "中間前払金の割合",
    "partial_payments": "部分払の回数",
    "days_off": "工事を施工しない日",
    "hours_off": "工事を施工しない時間帯",
    "delay_rate": "遅延損害金・遅延利息の率",
    "demolition": "解体工事に要する費用等",
    "soil_destination": "建設発生土の搬出先等",
    "arbitration_body": "紛争を処理する審査会",
    "supplied": "注文者の負担・支給材料",
    "risk": "危険負担の特約",
    "attachments": "設計図書等",
    "special_terms": "特約事項",
    "corrections": "訂正する事項",
    "blanks": "空欄のまま印刷する欄",
}
GUARANTEES = {
    "none": "定めない",
    "cash": "現金",
    "bank": "銀行等の保証",
    "guarantor": "保証事業会社の保証",
    "bond": "公共工事履行保証証券",
    "insurance": "履行保証保険",
    "exempt": "免除",
}
# 公共工事履行保証証券と履行保証保険では、契約保証金そのものは免除される。額を書くのは残りの三つ。
WITH_AMOUNT = frozenset({"cash", "bank", "guarantor"})
SHORT_TEXTS = ("place", "start_condition", "delivery_condition", "days_off", "hours_off", "delay_rate")
LONG_TEXTS = ("demolition", "soil_destination", "arbitration_body", "supplied", "risk")
BLANKABLE = (*SHORT_TEXTS, *LONG_TEXTS, "delivery_date")
SHORT, LONG = 200, 1000
MOST_LINES = 50


class TermsRefused(Refusal):
    """The terms contradict themselves, the price or the days of the work."""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One part of the price, in whole yen with tax, and when it is due (「契約成立時」「引渡しの日」)."""

    when: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One slip of a concluded contract: what it is about (「工事場所」), as printed, and as meant."""

    item: str
    wrong: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The settled terms; "", 0, None and () mean that nothing was settled."""

    place: str = ""
    start_condition: str = ""
    delivery_date: date | None = None
    delivery_condition: str = ""
    payments: tuple[Payment, ...] = ()
    guarantee_kind: str = "none"
    guarantee_amount: int = 0
    advance_percent: int = 0
    interim_percent: int = 0
    partial_payments: int = 0
    days_off: str = ""
    hours_off: str = ""
    delay_rate: str = ""
    demolition: str = ""
    soil_destination: str = ""
    arbitration_body: str = ""
    supplied: str = ""
    risk: str = ""
    attachments: tuple[str, ...] = ()
    special_terms: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    blanks: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Terms":
        """Read what to_json wrote; what is missing or null was not settled, what is not known is left aside."""
        known = {one.name: data[one.name] for one in fields(cls) if data.get(one.name) is not None}
        return cls(**{name: _READ[name](value) if name in _READ else value for name, value in known.items()})

    def to_json(self) -> dict[str, Any]:
        """Write plain JSON: days as text, rows as lists."""
        plain: dict[str, Any] = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}
        return plain | {"delivery_date": self.delivery_date and self.delivery_date.isoformat()}

    def lines(self, name: str) -> tuple[str, ...]:
        """Say one of LABELS as a person reads it, a line each; nothing when it was not settled."""
        if name in self.blanks:
            return ("（空欄）",)
        value = getattr(self, name)
        return tuple(_SHOWN.get(name, _plain)(value)) if value else ()


def guarantee_column(terms: Terms, *, otherwise: str = "") -> str:
    """Write the column 契約保証金: the amount, or 免除 for a bond and an insurance; `otherwise` when not settled."""
    if terms.guarantee_kind in WITH_AMOUNT:
        how = "" if terms.guarantee_kind == "cash" else f"（{GUARANTEES[terms.guarantee_kind]}による。）"
        return f"金{yen(terms.guarantee_amount)}{how}"
    if terms.guarantee_kind in ("bond", "insurance"):
        return f"免除（{GUARANTEES[terms.guarantee_kind]}による。）"
    return "免除" if terms.guarantee_kind == "exempt" else otherwise


def check(terms: Terms, *, price: int, starts: date, ends: date) -> None:
    """Raise TermsRefused when the terms cannot stand together with the price (whole yen) and the days of the work."""
    _check_days(terms, starts=starts, ends=ends)
    _check_money(terms, price=price)
    _check_texts(terms)
    _check_corrections(terms)
    _check_blanks(terms)


def _check_days(terms: Terms, *, starts: date, ends: date) -> None:
    if ends < starts:
        raise TermsRefused("工期（履行期間）の終わりは、始まりの日以後にしてください。")
    if terms.delivery_date is not None and terms.delivery_date < ends:
        raise TermsRefused(f"引渡しの日は、工期（履行期間）の終わり（{wareki(ends)}）以後の日にしてください。")


def _check_money(terms: Terms, *, price: int) -> None:
    if price <= 0:
        raise TermsRefused("契約金額は1円以上で入力してください。")
    _check_payments(terms.payments, price=price)
    _check_guarantee(terms, price=price)
    for name in ("advance_percent", "interim_percent"):
        if not 0 <= getattr(terms, name) <= 100:
            raise TermsRefused(f"{LABELS[name]}は0以上100以下で入力してください。")
    if terms.advance_percent + terms.interim_percent > 100:
        raise TermsRefused("前払金と中間前払金の割合の合計が100を超えています。")
    if terms.interim_percent and not terms.advance_percent:
        raise TermsRefused("中間前払金は前払金に追加して支払うものです。前払金の割合も入力してください。")
    if not 0 <= terms.partial_payments <= 99:
        raise TermsRefused("部分払の回数は0回以上99回以下で入力してください。")


def _check_payments(payments: tuple[Payment, ...], *, price: int) -> None:
    for place, payment in enumerate(payments, start=1):
        if not payment.when.strip() or payment.amount <= 0:
            raise TermsRefused(f"代金の支払の{place}番目に、時期と1円以上の額を入力してください。")
    total = sum(payment.amount for payment in payments)
    if total > price:
        raise TermsRefused(f"代金の支払の合計{yen(total)}が、契約金額{yen(price)}を超えています。")


def _check_guarantee(terms: Terms, *, price: int) -> None:
    if terms.guarantee_kind not in GUARANTEES:
        raise TermsRefused("契約保証の方法を選び直してください。")
    label = GUARANTEES[terms.guarantee_kind]
    if terms.guarantee_kind not in WITH_AMOUNT and terms.guarantee_amount:
        raise TermsRefused(f"契約保証の方法が「{label}」のときは、契約保証金の額を空けてください。")
    if terms.guarantee_kind in WITH_AMOUNT and not 0 < terms.guarantee_amount <= price:
        raise TermsRefused("契約保証金の額は、1円以上、契約金額以下で入力してください。")


def _check_texts(terms: Terms) -> None:
    for label, text, longest in _texts(terms):
        if len(text) > longest:
            raise TermsRefused(f"{label}は{longest}文字以内で入力してください（いま{len(text)}文字）。")
        try:
            check_name(text.replace("\n", ""))
        except ValueError as refused:
            raise TermsRefused(f"{label}に使えない文字があります：{refused}") from refused
    for name in ("payments", "attachments", "special_terms", "corrections"):
        if len(getattr(terms, name)) > MOST_LINES:
            raise TermsRefused(f"{LABELS[name]}は{MOST_LINES}件までにしてください。")


def _texts(terms: Terms) -> Iterator[tuple[str, str, int]]:
    yield from ((LABELS[name], getattr(terms, name), SHORT) for name in SHORT_TEXTS)
    yield from ((LABELS[name], getattr(terms, name), LONG) for name in LONG_TEXTS)
    yield from ((LABELS["payments"], payment.when, SHORT) for payment in terms.payments)
    yield from ((LABELS["attachments"], name, SHORT) for name in terms.attachments)
    yield from ((LABELS["special_terms"], text, LONG) for text in terms.special_terms)
    for one in terms.corrections:
        yield from ((LABELS["corrections"], text, LONG) for text in (one.item, one.wrong, one.right))


def _check_corrections(terms: Terms) -> None:
    for place, one in enumerate(terms.corrections, start=1):
        if not (one.item.strip() and one.wrong.strip() and one.right.strip()):
            raise TermsRefused(f"訂正の{place}番目に、事項と、誤りと、正しい内容を入力してください。")
        if one.wrong == one.right:
            raise TermsRefused(f"訂正の{place}番目（{one.item}）は、誤りと正しい内容が同じです。")


def _check_blanks(terms: Terms) -> None:
    for name in terms.blanks:
        if name not in BLANKABLE:
            raise TermsRefused(f"「{LABELS.get(name, name)}」は空欄のままにできません。")
        if getattr(terms, name):
            raise TermsRefused(f"{LABELS[name]}は、空欄にするか、内容を入力するか、どちらかにしてください。")


def _plain(value: Any) -> list[str]:
    return str(value).splitlines()


def _numbered(texts: tuple[str, ...]) -> list[str]:
    return [f"{place}　{text}" for place, text in enumerate(texts, start=1)]


def _percent(value: int) -> list[str]:
    return [f"100分の{value}以内"]


_READ: dict[str, Callable[[Any], Any]] = {
    "delivery_date": date.fromisoformat,
    "payments": lambda rows: tuple(Payment(**row) for row in rows),
    "corrections": lambda rows: tuple(Correction(**row) for row in rows),
    "attachments": tuple,
    "special_terms": tuple,
    "blanks": tuple,
}
_SHOWN: dict[str, Callable[[Any], list[str]]] = {
    "delivery_date": lambda day: [wareki(day)],
    "payments": lambda rows: [f"{row.when}　金{yen(row.amount)}" for row in rows],
    "guarantee_kind": lambda kind: [GUARANTEES[kind]],
    "guarantee_amount": lambda amount: [f"金{yen(amount)}"],
    "advance_percent": _percent,
    "interim_percent": _percent,
    "partial_payments": lambda count: [f"{count}回以内"],
    "attachments": list,
    "special_terms": _numbered,
    "corrections": lambda rows: [f"{row.item}：「{row.wrong}」を「{row.right}」に" for row in rows],
    "blanks": lambda names: [LABELS[name] for name in names],
}
