"""What other systems may be told of: actions of the journal, entered by the app in which they happen."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit import labels

_kinds: dict[str, None] = {}
_rows: dict[str, Any] = {}


def register(actions: Iterable[str], *, rows: Mapping[str, Any]) -> None:
    """Enter actions, and the models of what they are about: {"version": ContractVersion} for "version:55"."""
    _kinds.update(dict.fromkeys(actions))
    _rows.update(rows)


def is_known(action: str) -> bool:
    """Tell whether anybody may be told of an action."""
    return action in _kinds


def choices() -> list[tuple[str, str]]:
    """List what may be chosen, kind of thing by kind of thing, with the names that the journal gives to it."""
    return [(action, labels.of(action)) for action in sorted(_kinds, key=lambda action: action.partition(".")[0])]


def state_of(thing: str) -> str | None:
    """Read in which state something is now ("version:55"); None for what is unknown or gone."""
    name, _, number = thing.partition(":")
    if name not in _rows or not number.isdecimal():
        return None
    state: str | None = _rows[name].unscoped.filter(pk=int(number)).values_list("state", flat=True).first()
    return state
