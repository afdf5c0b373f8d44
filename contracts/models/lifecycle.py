"""What every row with a life cycle shares: Python's move and the database's trigger over the same table."""

from collections.abc import Mapping

import pgtrigger

from contracts import states


def fsm(table: Mapping[str, frozenset[str]]) -> pgtrigger.FSM:
    """Refuse, in the database too, a move that the table does not allow."""
    return pgtrigger.FSM(name="only_allowed_moves", field="state", transitions=states.pairs(table))


def append_only() -> pgtrigger.Protect:
    """Refuse to change or delete a row once it is written."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
