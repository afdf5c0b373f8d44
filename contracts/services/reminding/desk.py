"""What the sources of a city read in common, each thing once: its rules and its people; and how an item is worded."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, cached_property
from typing import Any

from accounts.models import User
from contracts import messages, rules
from contracts.models import Case, Contract, RuleSet
from contracts.services.reminding.people import Roster
from notifications.reminders.planning import Shift
from notifications.reminders.registry import Asking, Item

STAFF, FIRM = "contracts/morning_staff", "contracts/morning_firm"
DEADLINE = "契約締結期限"


class Desk:
    """One asking of one city."""

    def __init__(self, asking: Asking) -> None:
        self.asking, self.city, self.on = asking, asking.city, asking.on
        self.roster = Roster(asking.city, on=asking.on)
        self._pages: dict[int, str] = {}

    @cached_property
    def _versions(self) -> list[tuple[int, date, str, rules.Rules]]:
        rows = RuleSet.unscoped.filter(tenant=self.city).order_by("-effective_date", "-number")
        columns = ("pk", "effective_date", "name", "number", "data__deadline", "data__reminders")
        return [
            (pk, since, f"{name} 第{number}版", {"deadline": deadline, "reminders": reminders or {}})
            for pk, since, name, number, deadline, reminders in rows.values_list(*columns)
        ]

    @cached_property
    def _by_id(self) -> dict[int, tuple[str, rules.Rules]]:
        return {pk: (name, found) for pk, _since, name, found in self._versions}

    def rules_of(self, case: Case) -> rules.Rules:
        """Give what the version that a case started under says of reminders."""
        return self._by_id[case.rule_set_id][1]

    @cached_property
    def current(self) -> tuple[str, rules.Rules]:
        """Name the version in force on the day, with what it says; a house without rules has the defaults."""
        found = (version for version in self._versions if version[1] <= self.on)
        _pk, _since, name, said = next(found, (0, self.on, "既定", {"deadline": None, "reminders": {}}))
        return name, said

    def furthest(self, what: str) -> int:
        """Tell how many days before an end any of the city's versions announces it for the first time."""
        return max(rules.furthest_left(said, what) for said in (self.current[1], *(each[3] for each in self._versions)))

    def asked(self, rows: Any, kind: str) -> Any:
        """Narrow a query to the subjects of a kind that are asked about."""
        keys = self.asking.among(kind)
        return rows if keys is None else rows.filter(pk__in=keys)

    def wanted(self, kind: str) -> bool:
        """Tell whether any subject of a kind is asked about."""
        return self.asking.among(kind) != []

    def people(self, case: Case, *others: User) -> list[User]:
        """List who looks after a case that day: who registered it, and others named."""
        return self.roster.present([case.registered_by, *others], department_id=case.department_id)

    @cached_property
    def _line(self) -> Callable[[int, str], str]:
        """Name the version and the line of the rules that a case is reminded by, each once."""

        def line(rule_set_id: int, rule: str) -> str:
            name, said = self._by_id[rule_set_id]
            return f"{name}：{rules.reminder_line(said, rule)}"

        return cache(line)

    def _page(self, case: Case) -> str:
        if case.pk not in self._pages:
            self._pages[case.pk] = messages.case_page(case)
        return self._pages[case.pk]

    def city_line(self, rule: str) -> str:
        """Name the version and the line of the rules in force by which the city itself is reminded."""
        name, said = self.current
        return f"{name}：{rules.reminder_line(said, rule)}"

    def tell_staff(
        self,
        case: Case,
        people: Sequence[User],
        *,
        rule: str,
        subject: str,
        planned: Sequence[date],
        shift: Shift,
        why: str,
        **item: Any,
    ) -> list[Item]:
        """Make the items of an event of a case for some of the staff; none without a planned day."""
        return [
            self.about(
                case,
                rule=rule,
                subject=subject,
                planned=planned,
                shift=shift,
                to=user.email,
                name=user.name,
                digest=STAFF,
                why=why,
                **item,
            )
            for user in (people if planned else ())
        ]

    def about(self, case: Case, *, rule: str, **item: Any) -> Item:
        """Make one item about a case, under its name and its deadline unless others are given."""
        usual = {"heading": heading(case), "by": case.conclusion_deadline_date, "by_label": DEADLINE}
        return Item(
            rule=rule,
            thread=case.thread,
            url=self._page(case),
            line=self._line(case.rule_set_id, rule),
            **(usual | item),
        )


def heading(case: Case, contract: Contract | None = None) -> str:
    """Name a case, and its contract where it is not the original one: 市道改良工事（鳥工第1号）第1回変更契約."""
    changed = "" if contract is None or contract.is_original else contract.label
    return f"{case.title}（{case.number}）{changed}"
