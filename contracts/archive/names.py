"""The names a city uses for what is in its archive: for the box, which reads them, and for the choices one ticks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from accounts.actors import Actor
from accounts.models import Department
from contracts import rules
from contracts.archive.called import Readings
from contracts.models import Archived, ArchiveEntry, EntryState, RuleSet
from contracts.phrases import Field, Vocabulary

# 「契約」は何にでも付く語なので、契約そのものは「当初契約」と書く。
WHATS = {
    "当初契約": Archived.CONTRACT,
    "変更契約": Archived.AMENDMENT,
    "変更": Archived.AMENDMENT,
    "訂正": Archived.AMENDMENT,
    "訂正合意": Archived.AMENDMENT,
    "保証": Archived.GUARANTEE,
    "電子保証": Archived.GUARANTEE,
    "保証証書": Archived.GUARANTEE,
    "承諾": Archived.CONSENT,
    "承諾書": Archived.CONSENT,
    "利用承諾書": Archived.CONSENT,
}
STATES = {"変更済み": EntryState.CHANGED, **{str(state.label): state for state in EntryState}}


@dataclass(frozen=True)
class Names:
    """The kinds of contract by their codes, and the departments by their numbers, as a city calls them."""

    kinds: Mapping[str, str]
    departments: Mapping[int, str]
    readings: Readings | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Give the words that the box understands beside years, days, amounts and firms."""
        return Vocabulary(
            {
                Field.KIND: {label: code for code, label in self.kinds.items()},
                Field.DEPARTMENT: {name: number for number, name in self.departments.items()},
                Field.STATE: {name: int(state) for name, state in STATES.items()},
                Field.WHAT: {name: int(what) for name, what in WHATS.items()},
            }
        )


def names(actor: Actor) -> Names:
    """Read the names of all versions of the city's rules, the latest having the first word, and its departments."""
    versions = RuleSet.objects.visible_to(actor).order_by("-effective_date", "-number")
    parts = versions.values_list("data__kinds", "data__econtract__kinds", "data__guarantee__kinds")
    kinds: dict[str, str] = {}
    for named, *treated in parts:
        econtract, guarantee = ({"kinds": each or ()} for each in treated)
        for code, label in rules.kinds({"kinds": named, "econtract": econtract, "guarantee": guarantee}).items():
            kinds.setdefault(code, label)
    departments = Department.objects.visible_to(actor).order_by("name")
    named = dict(departments.values_list("pk", "name"))
    return Names(kinds=kinds, departments=named, readings=Readings(actor))


def firms(keys: Iterable[str], *, actor: Actor) -> dict[str, str]:
    """Name whole counterparties, given by their folded names, as the newest entry of each writes it."""
    rows = ArchiveEntry.objects.visible_to(actor).filter(is_current=True, party_key__in=list(keys))
    return dict(rows.order_by("party_key", "-id").distinct("party_key").values_list("party_key", "party"))
