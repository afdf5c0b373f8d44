"""How much a guarantee must or may secure, and what of the price may be paid in advance, to the yen (§2.5).

The figures are the city's (contracts.rules.guarantee_terms); here is only what is done with them. Whatever must be
reached is rounded up and whatever may not be passed is rounded down, so that no bound gives way by a fraction.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.dates import yen
from contracts.rules import GuaranteeTerms, Threshold
from contracts.rules.choices import GUARANTEE_TYPES

CONTRACT, ADVANCE, INTERIM = GUARANTEE_TYPES


@dataclass(frozen=True)
class Work:
    """The days of the works, both inclusive (工期)."""

    starts: date
    ends: date

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The amounts that fit, in yen, both inclusive; `maximum` is None where there is none.

    `why_not` says why the city asks for no such guarantee (both amounts are then 0), "" where it does.
    """

    minimum: int
    maximum: int | None
    percent: int = 0
    base: int = 0
    why_not: str = ""

    @property
    def text(self) -> str:
        """Say which amounts fit: 10,000,000円以上, or 40,000,000円以下."""
        return self.why_not or expected_text(self.minimum, self.maximum)

    def short(self, amount: int) -> int:
        """Count the yen that an amount lacks; 0 when it reaches."""
        return max(0, self.minimum - amount)

    def over(self, amount: int) -> int:
        """Count the yen by which an amount is too much; 0 when it fits."""
        return 0 if self.maximum is None else max(0, amount - self.maximum)


def expected(
    terms: GuaranteeTerms,
    *,
    type_: str,
    price: int,
    work: Work | None = None,
    base_price: int | None = None,
    low_price: bool = False,
    received: int = 0,
) -> Bounds:
    """Give the bounds of a guarantee of a type for a price in yen (契約の保証, 前金払, 中間前金払).

    `base_price` is the part that advances are reckoned from (対象額) where it is not the whole price; `low_price`
    tells a contract won by a low bid (低入札価格調査); `received` is the advance of this type already paid, which the
    guarantee must go on covering after the price was reduced. `work` is None where thresholds by 工期 need not be held.
    """
    percent = _percent(terms, type_=type_, low_price=low_price)
    base = price if type_ == CONTRACT or base_price is None else base_price
    if why_not := _why_not(terms.thresholds[type_], type_=type_, price=price, percent=percent, work=work):
        return Bounds(minimum=0, maximum=0, percent=percent, base=base, why_not=why_not)
    if type_ == CONTRACT:
        return Bounds(minimum=_up(base, percent), maximum=None, percent=percent, base=base)
    limit = share(terms, type_=type_, base=base, low_price=low_price)
    return Bounds(minimum=max(1, received), maximum=max(limit, received), percent=percent, base=base)


def share(terms: GuaranteeTerms, *, type_: str, base: int, low_price: bool = False) -> int:
    """Give the share of a base that may be paid as an advance of a type, in yen."""
    return _down(base, _percent(terms, type_=type_, low_price=low_price), unit=terms.rounding)


def expected_text(minimum: int, maximum: int | None) -> str:
    """Say which amounts fit: 10,000,000円以上, or 40,000,000円以下."""
    return f"{yen(minimum)}以上" if maximum is None else f"{yen(maximum)}以下"


def payable(
    terms: GuaranteeTerms,
    *,
    type_: str,
    price: int,
    advance: int,
    interim: int,
    base_price: int | None = None,
    low_price: bool = False,
) -> int:
    """Give how much more may be paid in advance, in yen, `advance` and `interim` being what was received of each.

    Neither kind passes its own share of the price, nor both together theirs (10分の4, 10分の6); the price is that of
    now, so a raised one allows more (約款の前金払, 増額のときの追加).
    """
    base = price if base_price is None else base_price
    kinds = [ADVANCE, INTERIM] if interim or type_ == INTERIM else [ADVANCE]
    both = sum(_percent(terms, type_=each, low_price=low_price) for each in kinds)
    whole = _down(base, both, unit=terms.rounding) - advance - interim
    own = share(terms, type_=type_, base=base, low_price=low_price)
    return max(0, min(whole, own - (interim if type_ == INTERIM else advance)))


def refund(
    terms: GuaranteeTerms, *, price: int, received: int, with_interim: bool, base_price: int | None = None
) -> int:
    """Give what must be given back after the price was reduced, in yen: what exceeds the city's share of the new one.

    A fraction of a yen is not asked for.
    """
    percent = terms.refund_percent_with_interim if with_interim else terms.refund_percent
    base = price if base_price is None else base_price
    return max(0, (received * 100 - base * percent) // 100)


def unproven(
    terms: GuaranteeTerms, *, base: int, done_amount: int, work: Work, on: date, on_schedule: bool
) -> tuple[str, ...]:
    """List what still speaks against recognising (認定) an interim advance on a day; () when all is there.

    `done_amount` is what the work done so far costs, in yen; `on_schedule` that a clerk found done what the schedule
    asks for by then.
    """
    found = []
    passed = max(0, (on - work.starts).days)
    if passed * 100 < work.days * terms.elapsed_percent:
        found.append(f"工期（{work.days}日）の100分の{terms.elapsed_percent}を経過していません（経過は{passed}日）。")
    if not on_schedule:
        found.append("工程表によりその時期までに実施すべき作業が行われていません。")
    if lacking := max(0, _up(base, terms.done_percent) - done_amount):
        found.append(
            f"行われた作業に要する経費が、請負代金額の100分の{terms.done_percent}に {yen(lacking)} 足りません。"
        )
    return tuple(found)


def _percent(terms: GuaranteeTerms, *, type_: str, low_price: bool) -> int:
    usual = terms.percents[type_]
    if not low_price:
        return usual
    low = terms.low_price_percents.get(type_, usual)
    return max(usual, low) if type_ == CONTRACT else min(usual, low)


def _why_not(limit: Threshold, *, type_: str, price: int, percent: int, work: Work | None) -> str:
    what = "契約の保証は要りません。" if type_ == CONTRACT else f"{_money(type_)}は支払いません。"
    if not percent:
        return f"割合の定めがないため、{what}"
    if price < limit.from_price:
        return f"請負代金額が{yen(limit.from_price)}に満たないため、{what}"
    if work is not None and work.days < limit.shortest_days:
        return f"工期が{limit.shortest_days}日に満たないため、{what}"
    if work is not None and work.ends < _months_later(work.starts, limit.shortest_months) - timedelta(days=1):
        return f"工期が{limit.shortest_months}月に満たないため、{what}"
    return ""


def _money(type_: str) -> str:
    return GUARANTEE_TYPES[type_].removesuffix("保証")


def _months_later(day: date, months: int) -> date:
    """Give the day that corresponds, or the last of its month where there is none (民法143条2項)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _up(amount: int, percent: int) -> int:
    return -(-amount * percent // 100)


def _down(amount: int, percent: int, *, unit: int) -> int:
    return amount * percent // 100 // unit * unit
