"""What a row of an imported file would do, worked out before anything is written."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.tables import Row


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass
class Planned:
    """One row of the file: what it would do, told in words, and the row of the database that it would write."""

    line: int
    title: str
    outcome: Outcome
    changes: list[list[str]] = field(default_factory=list)  # [見出し, 前, 後]
    problems: list[list[str]] = field(default_factory=list)  # [見出し, 理由]
    notes: list[str] = field(default_factory=list)
    made: Any = None

    def told(self) -> dict[str, Any]:
        """Tell it in plain values, for the report."""
        return {
            "line": self.line,
            "title": self.title,
            "outcome": str(self.outcome),
            "changes": self.changes,
            "problems": self.problems,
            "notes": self.notes,
        }


def refused(row: Row, title: str, *problems: list[str]) -> Planned:
    """Refuse a row for its own problems and the given ones, each [heading, reason]."""
    return Planned(row.line, title, Outcome.REFUSED, problems=[*row.problems, *problems])


def report(encoding: str, rows: Sequence[Planned], remarks: Sequence[str]) -> dict[str, Any]:
    """Put a plan into plain values: how many rows of each outcome, and every row."""
    counts = Counter(row.outcome for row in rows)
    return {
        "encoding": encoding,
        "counts": {str(outcome): counts[outcome] for outcome in Outcome},
        "remarks": list(remarks),
        "rows": [row.told() for row in rows],
    }


def digest(made: dict[str, Any]) -> str:
    """Name a report by its SHA-256: what a person saw, and agreed to."""
    return hashlib.sha256(json.dumps(made, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def doubled(rows: Sequence[Row], what: str, key: Callable[[Row], Hashable]) -> dict[int, str]:
    """Find rows with the same key (None does not count); each line is told the lines that share `what` with it."""
    lines: dict[Hashable, list[int]] = defaultdict(list)
    for row in rows:
        if (found := key(row)) is not None:
            lines[found].append(row.line)
    return {
        line: f"同じ{what}が{'、'.join(str(other) for other in group if other != line)}行目にもあります。"
        for group in lines.values()
        if len(group) > 1
        for line in group
    }
