"""一つのファイルについて、子プロセスが見つけたこと。"""

from dataclasses import dataclass, field
from typing import Any


class Unfit(Exception):
    """Carry the code of a refusal; the words are chosen by the parent."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass
class Findings:
    """What must be changed before the file may be signed, and what a person should know; details by code."""

    changes: dict[str, set[str]] = field(default_factory=dict)
    warnings: dict[str, set[str]] = field(default_factory=dict)
    signed_fields: list[str] = field(default_factory=list)

    def change(self, code: str, detail: str = "") -> None:
        """Note something that has been put in order, or will be by writing the file anew."""
        self.changes.setdefault(code, set()).update({detail} - {""})

    def warn(self, code: str, detail: str = "") -> None:
        """Note something that stays as it is."""
        self.warnings.setdefault(code, set()).update({detail} - {""})

    def plain(self) -> dict[str, Any]:
        """Return changes and warnings as [code, detail] pairs, ready for JSON."""
        found = {"changes": _pairs(self.changes), "warnings": _pairs(self.warnings)}
        return {**found, "signed_fields": self.signed_fields}


MOST_NAMED = 5


def _pairs(found: dict[str, set[str]]) -> list[list[str]]:
    return [[code, _listed(sorted(details))] for code, details in found.items()]


def _listed(details: list[str]) -> str:
    return "、".join(details[:MOST_NAMED]) + ("ほか" if len(details) > MOST_NAMED else "")
