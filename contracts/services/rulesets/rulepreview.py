"""What a draft of the rules would have said of the cases the city had last (R123)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from contracts import rules
from contracts.dates import wareki
from contracts.models import Case, ContractVersion
from contracts.services.cases import registering
from contracts.states import VersionState

CASES = 100
VERDICTS = {"電子契約": rules.econtract_verdict, "電子保証": rules.guarantee_verdict}
DEADLINE = "契約締結期限"
NO_PERIOD = "定めなし"


@dataclass(frozen=True)
class Side:
    """What one version says: the answer, and the line that decided it."""

    answer: str
    why: str


@dataclass(frozen=True)
class Turn:
    """One answer that would be another: of which case, about what, and both sides."""

    case: Case
    subject: str
    before: Side
    after: Side


@dataclass(frozen=True)
class Preview:
    """How many cases were asked, and every answer that would be another."""

    asked: int
    turns: tuple[Turn, ...]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Count the answers that would be others, by subject."""
        found = Counter(turn.subject for turn in self.turns)
        return [(subject, found[subject]) for subject in (*VERDICTS, DEADLINE)]


def preview(*, actor: Actor, before: rules.Rules, after: rules.Rules) -> Preview:
    """Ask two valid rule sets about the city's last hundred cases; nothing is written, no case is judged anew."""
    rows = Case.objects.visible_to(actor).select_related("contractor").order_by("-registered_at", "-pk")
    cases = list(rows[:CASES])
    return Preview(len(cases), tuple(_turns(cases, before, after)))


def _turns(cases: Sequence[Case], before: rules.Rules, after: rules.Rules) -> Iterator[Turn]:
    concluded = _concluded(cases)
    for case in cases:
        facts = registering.facts_when(case, contracted=case.paper_contract_date or concluded.get(case.pk))
        for subject in (*VERDICTS, DEADLINE):
            old, new = (_side(subject, data, facts) for data in (before, after))
            if old.answer != new.answer:
                yield Turn(case, subject, old, new)


def _side(subject: str, data: rules.Rules, facts: rules.CaseFacts) -> Side:
    if subject == DEADLINE:
        return _deadline(data, facts)
    verdict = VERDICTS[subject](data, facts)
    return Side("対象" if verdict.eligible else "対象外", verdict.decided_by)


def _deadline(data: rules.Rules, facts: rules.CaseFacts) -> Side:
    assert facts.awarded_date is not None  # noqa: S101 - 登録した案件には落札日がある
    try:
        found = rules.deadline(data, facts.awarded_date)
    except rules.RuleError as uncounted:
        return Side("数えられません", str(uncounted))
    return Side(wareki(found.date), found.working) if found else Side(NO_PERIOD, "")


def _concluded(cases: Sequence[Case]) -> dict[int, Any]:
    """Find the day on which each of the cases got its first contract, in one query."""
    versions = ContractVersion.unscoped.filter(contract__case__in=cases, state=VersionState.CONCLUDED)
    rows = versions.order_by("-fixed_at").values_list("contract__case_id", "fixed_at")
    return {case_id: timezone.localdate(fixed_at) for case_id, fixed_at in rows}
