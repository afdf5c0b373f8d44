"""The two sides of a comparison, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from contracts.clauses import Article

State = Literal["same", "changed", "added", "removed"]
STATES: dict[State, str] = {"same": "変更なし", "changed": "変更", "added": "追加", "removed": "削除"}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One document of a version: the SHA-256 of its bytes, and the text of each page."""

    title: str
    sha256: str
    pages: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One version; whole yen with tax, no contract date for 「最後の電子署名の日」, terms as {label: text}."""

    amount: int
    tax: int
    work_starts: date | None
    work_ends: date | None
    contract_date: date | None = None
    clause_set: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    articles: Sequence[Article] = ()
    documents: Sequence[Paper] = ()
