"""What of a case's price was paid in advance, what may still be, and what secures it: read together, told in yen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum

from contracts import rules as city_rules
from contracts.models import Case
from contracts.rules import GuaranteeTerms
from contracts.services.versions import papers
from contracts.states import CaseState
from contracts.terms import Terms
from guarantees import states
from guarantees.models import AdvanceBasis, AdvanceKind, AdvancePayment, Guarantee, GuaranteeType
from guarantees.rules import amounts
from guarantees.states import AdvanceState

PAID_KINDS = (AdvanceKind.ADVANCE, AdvanceKind.INTERIM)
STALE = "契約金額が変わりました。前払金の対象額を、いまの契約金額で定め直してください。"
PARTIAL = "部分払のある契約のため、中間前払金は支払いません。"


@dataclass(frozen=True, kw_only=True)
class Account:
    """The state of a case's advances; `advance` and `interim` are what was received and not given back, in yen.

    `base_price` is the part of the price that they are reckoned from (対象額), None for the whole; `is_stale` tells
    that the price has changed since it was set. `covered` is what the guarantees held now secure, by type;
    `unpaid` are the claims and refunds that wait for their money, the oldest first.
    """

    terms: GuaranteeTerms
    price: int
    work: amounts.Work
    base_price: int | None
    low_price: bool
    is_stale: bool
    partial_payments: int
    advance: int
    interim: int
    covered: Mapping[str, int]
    unpaid: Sequence[AdvancePayment] = ()

    @property
    def base(self) -> int:
        return self.price if self.base_price is None else self.base_price

    @property
    def received(self) -> int:
        return self.advance + self.interim

    def of(self, kind: str) -> int:
        """Give what was received of a kind."""
        return self.interim if kind == AdvanceKind.INTERIM else self.advance

    def bounds(self, type_: str) -> amounts.Bounds:
        """Reckon the amounts that fit a guarantee of a type."""
        return amounts.expected(
            self.terms,
            type_=type_,
            price=self.price,
            work=self.work,
            base_price=self.base_price,
            low_price=self.low_price,
            received=0 if type_ == GuaranteeType.CONTRACT else self.of(type_),
        )

    def why_not(self, kind: str) -> str:
        """Say why nothing of a kind is paid on this case; "" where something is."""
        if self.is_stale:
            return STALE
        if kind == AdvanceKind.INTERIM and self.terms.excludes_partial and self.partial_payments:
            return PARTIAL
        return self.bounds(kind).why_not

    def limit(self, kind: str) -> int:
        """Reckon what may be paid of a kind in all, in yen, at the price of now."""
        return amounts.share(self.terms, type_=kind, base=self.base, low_price=self.low_price)

    def payable(self, kind: str) -> int:
        """Reckon how much more may be claimed of a kind, in yen; 0 where nothing is paid."""
        if self.why_not(kind):
            return 0
        return amounts.payable(
            self.terms,
            type_=kind,
            price=self.price,
            advance=self.advance,
            interim=self.interim,
            base_price=self.base_price,
            low_price=self.low_price,
        )

    def uncovered(self, kind: str, amount: int) -> int:
        """Count the yen that the guarantees lack to secure an amount beside what was received of the kind."""
        return max(0, self.of(kind) + amount - self.covered.get(kind, 0))

    @property
    def refund(self) -> int:
        """Reckon what must be given back at the price of now, in yen."""
        return amounts.refund(
            self.terms,
            price=self.price,
            received=self.received,
            with_interim=bool(self.interim),
            base_price=self.base_price,
        )


def obstacle(case: Case) -> str:
    """Say why a case has no account of advances; "" when it has."""
    if "amounts" not in case.rule_set.data["guarantee"]:
        return f"{case.tenant.name}の規程に、前払金の割合がありません。"
    contracted = case.state in {CaseState.CONCLUDED, CaseState.PAPER}
    return "" if contracted else "前払金の手続きは、契約が成立してから始められます。"


def of(case: Case) -> Account:
    """Read the account of a case; raise RuleError where the city takes no electronic guarantees."""
    basis = AdvanceBasis.unscoped.filter(case=case).first()
    printed = _printed(case)
    is_stale = basis is not None and basis.base_price is not None and basis.price != case.amount
    payments = list(AdvancePayment.unscoped.filter(case=case).order_by("pk"))
    advance, interim = _received(payments)
    return Account(
        terms=_terms(case, printed),
        price=case.amount,
        work=amounts.Work(case.work_starts_date, case.work_ends_date),
        base_price=None if basis is None or is_stale else basis.base_price,
        low_price=basis is not None and basis.is_low_price,
        is_stale=is_stale,
        partial_payments=printed.partial_payments if printed else 0,
        advance=advance,
        interim=interim,
        covered=_covered(case),
        unpaid=[row for row in payments if row.state in states.UNPAID],
    )


def _terms(case: Case, printed: Terms | None) -> GuaranteeTerms:
    """Give the city's figures for a case; what its own contract prints is never exceeded."""
    terms = city_rules.guarantee_terms(case.rule_set.data, case.kind)
    if printed is None:
        return terms
    own = {GuaranteeType.ADVANCE: printed.advance_percent, GuaranteeType.INTERIM_ADVANCE: printed.interim_percent}
    return replace(
        terms, percents={**terms.percents, **{key: min(value, terms.percents[key]) for key, value in own.items()}}
    )


def _printed(case: Case) -> Terms | None:
    """Read the terms that an electronic contract stands under now; None for a contract on paper."""
    if case.state != CaseState.CONCLUDED:
        return None
    return Terms.from_json(papers.in_force_before_all(case).terms)


def _received(payments: Sequence[AdvancePayment]) -> tuple[int, int]:
    """Sum what was paid, less what was given back: first of the interim advance, which came last."""
    settled = [row for row in payments if row.state in {AdvanceState.PAID, AdvanceState.REFUNDED}]
    advance, interim, back = (sum(row.amount or 0 for row in settled if row.kind == kind) for kind in AdvanceKind)
    return advance - max(0, back - interim), max(0, interim - back)


def _covered(case: Case) -> dict[str, int]:
    rows = Guarantee.unscoped.filter(case=case, state__in=states.HELD, guaranteed_amount__isnull=False)
    return dict(rows.order_by().values_list("type").annotate(total=Sum("guaranteed_amount")))
