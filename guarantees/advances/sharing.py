"""Each kind of advance as its page shows it: what may be paid, what secures it, and what a clerk may do next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from accounts.actors import Actor
from contracts.models import Case
from guarantees import states
from guarantees.advances.account import PAID_KINDS, Account
from guarantees.models import AdvanceKind, AdvancePayment, Guarantee
from guarantees.states import AdvanceState


@dataclass(frozen=True, kw_only=True)
class Share:
    """One kind of advance; amounts in yen. `is_awaited` tells that its guarantee was asked for and is on its way."""

    kind: AdvanceKind
    percent: int
    limit: int
    received: int
    covered: int
    payable: int
    why_not: str
    is_awaited: bool
    may_claim: bool
    may_certify: bool

    @property
    def lacks_cover(self) -> bool:
        """Tell whether a claim of all that may be paid would fail for its guarantee."""
        return self.may_claim and self.covered < self.received + self.payable


def shares(found: Account, rows: Sequence[AdvancePayment], *, awaited: Collection[str]) -> list[Share]:
    """Tell of each kind what the account, the rows of its case and the guarantees on their way allow."""
    return [_share(found, kind, rows, is_awaited=kind in awaited) for kind in PAID_KINDS]


def awaited(actor: Actor, case: Case) -> set[str]:
    """List the types of guarantee that were asked for and are not settled yet."""
    rows = Guarantee.objects.visible_to(actor).filter(case=case, state__in=states.UNSETTLED)
    return set(rows.values_list("type", flat=True))


def _share(found: Account, kind: AdvanceKind, rows: Sequence[AdvancePayment], *, is_awaited: bool) -> Share:
    standing = {row.state for row in rows if row.kind == kind}
    refund_due = any(row.state == AdvanceState.REFUND_DUE for row in rows)
    payable, why_not = found.payable(kind), found.why_not(kind)
    is_free = payable > 0 and not refund_due and AdvanceState.CLAIMED not in standing
    is_certified = kind == AdvanceKind.ADVANCE or bool({AdvanceState.CERTIFIED, AdvanceState.PAID} & standing)
    return Share(
        kind=kind,
        percent=found.bounds(kind).percent,
        limit=found.limit(kind),
        received=found.of(kind),
        covered=found.covered.get(kind, 0),
        payable=payable,
        why_not=why_not,
        is_awaited=is_awaited,
        may_claim=is_free and is_certified,
        may_certify=is_free and not is_certified and found.advance > 0,
    )
